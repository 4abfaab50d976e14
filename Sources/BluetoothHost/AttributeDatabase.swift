public import RadioPort

/// The attributes of a node (protocol §5.2): GAP, the mesh service, the MeshAccess service; always with the same handles.
///
/// | handle | attribute                                                                        |
/// |-------:|----------------------------------------------------------------------------------|
/// |   1-7  | GAP: device name, appearance, preferred connection parameters                    |
/// |  12-15 | mesh: value at 14, read, write, write without response, notify; configuration 15 |
/// |  16-21 | MeshAccess: RX value at 18, TX value at 20 with its configuration at 21          |
///
/// Handles 8...11 stay free, so that the mesh value has the handle that it has on existing nodes.
public enum AttributeDatabase {
    /// What a node needs to know of the handles.
    public static let handles = ServiceHandles(
        meshValue: AttributeHandle(rawValue: 14),
        accessReceive: AttributeHandle(rawValue: 18),
        accessTransmit: AttributeHandle(rawValue: 20),
        accessConfiguration: AttributeHandle(rawValue: 21)
    )

    /// Base UUIDs with the least significant byte first; the varying 16 bits stand at bytes 12 and 13.
    static let meshService: [UInt8] = uuid("00000000-1212-EFDE-1523-785FEABCD123")
    static let meshCharacteristic: [UInt8] = uuid("00001524-1212-EFDE-1523-785FEABCD123")
    static let accessService: [UInt8] = uuid("00000001-ACCE-423C-93FD-0C07A0051858")
    static let accessReceive: [UInt8] = uuid("00000002-ACCE-423C-93FD-0C07A0051858")
    static let accessTransmit: [UInt8] = uuid("00000003-ACCE-423C-93FD-0C07A0051858")

    /// One attribute.
    struct Attribute {
        /// Its handle.
        var handle: UInt16
        /// Its type: a UUID of 2 or 16 bytes.
        var type: [UInt8]
        /// What a read gives; nil: it cannot be read.
        var value: [UInt8]?
        /// Whether it can be written, and how many bytes that may be.
        var writable: ClosedRange<Int>?
        /// Whether reading and writing by request need an encrypted link.
        var needsEncryption = false
        /// Last handle of the service, if the attribute declares one.
        var groupEnd: UInt16?
    }

    /// Properties of a characteristic (Core 5.4 Vol 3 Part G 3.3.1.1).
    private enum Property {
        static let read: UInt8 = 0x02
        static let writeWithoutResponse: UInt8 = 0x04
        static let write: UInt8 = 0x08
        static let notify: UInt8 = 0x10
    }

    static let primaryService: [UInt8] = [0x00, 0x28]
    static let characteristic: [UInt8] = [0x03, 0x28]
    static let clientConfiguration: [UInt8] = [0x02, 0x29]

    /// All attributes in the order of their handles.
    static let attributes: [Attribute] = [
        service(1, [0x00, 0x18], end: 7),
        declaration(2, Property.read, [0x00, 0x2A]),
        Attribute(handle: 3, type: [0x00, 0x2A], value: Array("FRUITY".utf8)),
        declaration(4, Property.read, [0x01, 0x2A]),
        // 128, a generic computer.
        Attribute(handle: 5, type: [0x01, 0x2A], value: [0x80, 0x00]),
        declaration(6, Property.read, [0x04, 0x2A]),
        // The parameters of a mesh link: 12 to 12 units of 1.25 ms, latency 0, 100 units of 10 ms.
        Attribute(handle: 7, type: [0x04, 0x2A], value: [12, 0, 12, 0, 0, 0, 100, 0]),
        service(12, meshService, end: 15),
        declaration(
            13,
            Property.read | Property.writeWithoutResponse | Property.write | Property.notify,
            meshCharacteristic
        ),
        Attribute(handle: 14, type: meshCharacteristic, value: [], writable: 1...100, needsEncryption: true),
        Attribute(handle: 15, type: clientConfiguration, value: [0, 0], writable: 2...2),
        service(16, accessService, end: 21),
        declaration(17, Property.writeWithoutResponse | Property.write, accessReceive),
        Attribute(handle: 18, type: accessReceive, value: nil, writable: 1...20),
        declaration(19, Property.read | Property.notify, accessTransmit),
        Attribute(handle: 20, type: accessTransmit, value: []),
        Attribute(handle: 21, type: clientConfiguration, value: [0, 0], writable: 2...2),
    ]

    private static func service(_ handle: UInt16, _ uuid: [UInt8], end: UInt16) -> Attribute {
        Attribute(handle: handle, type: primaryService, value: uuid, groupEnd: end)
    }

    private static func declaration(_ handle: UInt16, _ properties: UInt8, _ uuid: [UInt8]) -> Attribute {
        let next = handle + 1
        let value = [properties, UInt8(truncatingIfNeeded: next), UInt8(truncatingIfNeeded: next >> 8)] + uuid
        return Attribute(handle: handle, type: characteristic, value: value)
    }

    private static func uuid(_ text: StaticString) -> [UInt8] {
        let digits = text.description.filter { $0 != "-" }.map { UInt8($0.hexDigitValue ?? 0) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }.reversed()
    }
}
