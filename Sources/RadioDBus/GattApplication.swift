import RadioPort

/// The attributes of the node as objects that BlueZ serves to peers.
///
/// BlueZ chooses the handles and tells them by setting the property `Handle`.
final class GattApplication {
    private struct Object {
        var path: String
        var interface: String
        var properties: [(String, BusValue)]
    }

    /// Path of the application; its objects lie below.
    let root: String
    private let objects: [Object]
    /// Handles of the values, as far as BlueZ has told them, by path.
    private var assigned: [String: UInt16] = [:]

    /// A peer wrote: its device path, the handle, the bytes and how.
    var written: (String, AttributeHandle, [UInt8], WriteKind) -> Void = { _, _, _, _ in }

    private var meshPath: String { root + "/mesh/value" }
    private var receivePath: String { root + "/access/rx" }
    private var transmitPath: String { root + "/access/tx" }

    /// An application below a path.
    init(root: String) {
        self.root = root
        let writable = ["write", "write-without-response"]
        objects = [
            Self.service(root + "/mesh", BlueZ.meshService),
            Self.characteristic(root + "/mesh/value", of: root + "/mesh", BlueZ.meshValue, writable),
            Self.service(root + "/access", BlueZ.accessService),
            Self.characteristic(root + "/access/rx", of: root + "/access", BlueZ.accessReceive, writable),
            Self.characteristic(root + "/access/tx", of: root + "/access", BlueZ.accessTransmit, ["notify"]),
        ]
    }

    /// The handles as BlueZ chose them; nil if it did not tell.
    var handles: ServiceHandles? {
        guard let mesh = assigned[meshPath], let receive = assigned[receivePath], let transmit = assigned[transmitPath]
        else { return nil }
        return ServiceHandles(
            meshValue: AttributeHandle(rawValue: mesh),
            accessReceive: AttributeHandle(rawValue: receive),
            accessTransmit: AttributeHandle(rawValue: transmit),
            accessConfiguration: AttributeHandle(rawValue: transmit + 1)
        )
    }

    /// The path of what is notified from a handle, nil if it cannot be.
    func notifyingPath(_ handle: AttributeHandle) -> String? {
        handle == handles?.accessTransmit ? transmitPath : nil
    }

    private static func service(_ path: String, _ uuid: String) -> Object {
        Object(
            path: path,
            interface: BlueZ.gattService,
            properties: [("UUID", .text(uuid)), ("Primary", .bool(true)), ("Handle", .uint16(0))]
        )
    }

    private static func characteristic(_ path: String, of service: String, _ uuid: String, _ flags: [String]) -> Object
    {
        Object(
            path: path,
            interface: BlueZ.characteristic,
            properties: [
                ("UUID", .text(uuid)), ("Service", .path(service)), ("Handle", .uint16(0)),
                ("Flags", .array("s", flags.map { .text($0) })),
            ]
        )
    }

    /// Answers a call about the application's objects; nil if it is none of their methods.
    func answer(_ message: BusMessage) -> Bus.Answer? {
        if message.path == root, message.interface == BlueZ.objectManager, message.member == "GetManagedObjects" {
            return .values([managedObjects])
        }
        guard let object = objects.first(where: { $0.path == message.path }) else { return nil }
        switch (message.interface, message.member) {
        case (BlueZ.properties, "GetAll"): return .values([.dictionary(object.properties)])
        case (BlueZ.properties, "Set"):
            guard message.arguments.count == 3, message.arguments[1].string == "Handle",
                let handle = message.arguments[2].integer
            else { return nil }
            assigned[object.path] = UInt16(truncatingIfNeeded: handle)
            return .values([])
        case (BlueZ.characteristic, "WriteValue"): return write(message, to: object.path)
        // It is not told who asked.
        case (BlueZ.characteristic, "StartNotify"), (BlueZ.characteristic, "StopNotify"): return .values([])
        default: return nil
        }
    }

    private func write(_ message: BusMessage, to path: String) -> Bus.Answer {
        guard message.arguments.count == 2, let bytes = message.arguments[0].byteArray, let handle = assigned[path]
        else { return .failure("org.bluez.Error.Failed", "not understood") }
        let options = message.arguments[1].properties
        let kind: WriteKind = options["type"]?.string == "request" ? .request : .command
        written(options["device"]?.string ?? "", AttributeHandle(rawValue: handle), bytes, kind)
        return .values([])
    }

    private var managedObjects: BusValue {
        .array(
            "{oa{sa{sv}}}",
            objects.map { object in
                let interfaces = BusValue.array(
                    "{sa{sv}}",
                    [.entry(.text(object.interface), .dictionary(object.properties))]
                )
                return .entry(.path(object.path), interfaces)
            }
        )
    }
}
