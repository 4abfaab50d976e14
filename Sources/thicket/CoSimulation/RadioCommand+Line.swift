import ByteCoding
import MeshControl
import RadioPort

extension RadioCommand {
    /// The command as a line of the co-simulation port.
    func line(at now: Instant) -> JSONObject {
        var object: JSONObject = ["at_us": .unsigned(now.microseconds)]
        object.append("command", text: name)
        switch self {
        case .advertise(let data, let scanResponse, let connectable, let interval):
            object.append("data", text: data.description)
            object.append("scanResponse", text: scanResponse.description)
            object.append("connectable", .bool(connectable))
            object.append("interval_us", integer: interval)
        case .stopAdvertising, .stopScan, .cancelConnect:
            break
        case .scan(let timing):
            object.append("interval_us", integer: timing.intervalMicroseconds)
            object.append("window_us", integer: timing.windowMicroseconds)
        case .connect(let token, let address, let parameters, let scan, let timeout):
            object.append("token", integer: token.rawValue)
            object.append("address", text: address.description)
            object.append("address_type", text: AddressTypeName(address.kind).rawValue)
            object.append("parameters", parameters.value)
            object.append("scanInterval_us", integer: scan.intervalMicroseconds)
            object.append("scanWindow_us", integer: scan.windowMicroseconds)
            object.append("timeout_us", integer: timeout)
        case .encrypt(let link, let key):
            object.append("link", integer: link.rawValue)
            object.append("key", text: Hex.encode(key.bytes))
        case .answerKey(let link, let key):
            object.append("link", integer: link.rawValue)
            object.append("key", .optional(key) { .text(Hex.encode($0.bytes)) })
        case .exchangeMTU(let link, let mtu):
            object.append("link", integer: link.rawValue)
            object.append("mtu", integer: mtu)
        case .setDataLength(let link):
            object.append("link", integer: link.rawValue)
        case .discover(let link, let service):
            object.append("link", integer: link.rawValue)
            object.append("service", text: ServiceName(service).rawValue)
        case .write(let link, let handle, let value, let kind):
            object.append("link", integer: link.rawValue)
            object.append("handle", integer: handle.rawValue)
            object.append("bytes", text: value.description)
            object.append("kind", text: WriteKindName(kind).rawValue)
        case .notify(let link, let handle, let value):
            object.append("link", integer: link.rawValue)
            object.append("handle", integer: handle.rawValue)
            object.append("bytes", text: value.description)
        case .updateParameters(let link, let parameters):
            object.append("link", integer: link.rawValue)
            object.append("parameters", parameters.value)
        case .disconnect(let link, let reason):
            object.append("link", integer: link.rawValue)
            object.append("reason", integer: reason.rawValue)
        }
        return object
    }

    private var name: String {
        switch self {
        case .advertise: "advertise"
        case .stopAdvertising: "stopAdvertising"
        case .scan: "scan"
        case .stopScan: "stopScan"
        case .connect: "connect"
        case .cancelConnect: "cancelConnect"
        case .encrypt: "encrypt"
        case .answerKey: "answerKey"
        case .exchangeMTU: "exchangeMTU"
        case .setDataLength: "setDataLength"
        case .discover: "discover"
        case .write: "write"
        case .notify: "notify"
        case .updateParameters: "updateParameters"
        case .disconnect: "disconnect"
        }
    }
}

extension ConnectionParameters {
    fileprivate var value: JSONValue {
        .object([
            "interval_us": .unsigned(UInt64(interval) * UInt64(PortUnits.interval)),
            "latency": .unsigned(UInt64(latency)),
            "supervisionTimeout_us": .unsigned(UInt64(supervisionTimeout) * UInt64(PortUnits.supervisionTimeout)),
        ])
    }
}
