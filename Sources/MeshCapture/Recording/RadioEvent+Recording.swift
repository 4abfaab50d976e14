import ByteCoding
import RadioPort

extension RadioEvent {
    /// Reads the fields of an event of a kind.
    init(recorded kind: RecordKind, from reader: inout ByteReader) throws(CodingError) {
        switch kind {
        case .ready:
            self = .ready(
                address: try Address(recorded: &reader),
                capabilities: try RadioCapabilities(recorded: &reader),
                handles: try ServiceHandles(recorded: &reader)
            )
        case .capabilitiesChanged: self = .capabilitiesChanged(try RadioCapabilities(recorded: &reader))
        case .failed: self = .failed(try HCIStatus(recorded: &reader))
        case .advertisement:
            self = .advertisement(
                address: try Address(recorded: &reader),
                rssi: try Int8(recorded: &reader),
                connectable: try Bool(recorded: &reader),
                data: try InlineBytes(recorded: &reader)
            )
        case .connected:
            self = .connected(
                token: try ConnectToken(recorded: &reader),
                link: try LinkID(recorded: &reader),
                role: try LinkRole(recorded: &reader),
                address: try Address(recorded: &reader),
                parameters: try ConnectionParameters(recorded: &reader)
            )
        case .connectFailed:
            self = .connectFailed(token: try ConnectToken(recorded: &reader), reason: try HCIStatus(recorded: &reader))
        case .encrypted:
            self = .encrypted(link: try LinkID(recorded: &reader), status: try HCIStatus(recorded: &reader))
        case .keyRequested: self = .keyRequested(link: try LinkID(recorded: &reader))
        case .mtu: self = .mtu(link: try LinkID(recorded: &reader), value: try UInt16(recorded: &reader))
        case .discovered:
            self = .discovered(
                link: try LinkID(recorded: &reader),
                service: try Service(recorded: &reader),
                handles: try ServiceHandles?(recorded: &reader)
            )
        case .written:
            self = .written(
                link: try LinkID(recorded: &reader),
                handle: try AttributeHandle(recorded: &reader),
                value: try InlineBytes(recorded: &reader),
                kind: try WriteKind(recorded: &reader)
            )
        case .notified:
            self = .notified(
                link: try LinkID(recorded: &reader),
                handle: try AttributeHandle(recorded: &reader),
                value: try InlineBytes(recorded: &reader)
            )
        case .writeConfirmed: self = .writeConfirmed(link: try LinkID(recorded: &reader))
        case .sent: self = .sent(link: try LinkID(recorded: &reader), count: try UInt8(recorded: &reader))
        case .parametersRequested:
            self = .parametersRequested(
                link: try LinkID(recorded: &reader),
                parameters: try ConnectionParameters(recorded: &reader)
            )
        case .parametersChanged:
            self = .parametersChanged(
                link: try LinkID(recorded: &reader),
                parameters: try ConnectionParameters(recorded: &reader)
            )
        case .linkRSSI: self = .linkRSSI(link: try LinkID(recorded: &reader), rssi: try Int8(recorded: &reader))
        case .disconnected:
            self = .disconnected(link: try LinkID(recorded: &reader), reason: try HCIStatus(recorded: &reader))
        default: throw .invalidField("event", value: UInt64(kind.rawValue))
        }
    }

    /// Writes the fields, without the kind.
    func record(into writer: inout ByteWriter) throws(CodingError) {
        switch self {
        case .ready(let address, let capabilities, let handles):
            try address.record(into: &writer)
            try capabilities.record(into: &writer)
            try handles.record(into: &writer)
        case .capabilitiesChanged(let capabilities): try capabilities.record(into: &writer)
        case .failed(let status): try status.record(into: &writer)
        case .advertisement(let address, let rssi, let connectable, let data):
            try address.record(into: &writer)
            try rssi.record(into: &writer)
            try connectable.record(into: &writer)
            try data.record(into: &writer)
        case .connected(let token, let link, let role, let address, let parameters):
            try token.record(into: &writer)
            try link.record(into: &writer)
            try role.record(into: &writer)
            try address.record(into: &writer)
            try parameters.record(into: &writer)
        case .connectFailed(let token, let reason):
            try token.record(into: &writer)
            try reason.record(into: &writer)
        case .encrypted(let link, let status):
            try link.record(into: &writer)
            try status.record(into: &writer)
        case .keyRequested(let link), .writeConfirmed(let link): try link.record(into: &writer)
        case .mtu(let link, let value):
            try link.record(into: &writer)
            try value.record(into: &writer)
        case .discovered(let link, let service, let handles):
            try link.record(into: &writer)
            try service.record(into: &writer)
            try handles.record(into: &writer)
        case .written(let link, let handle, let value, let kind):
            try link.record(into: &writer)
            try handle.record(into: &writer)
            try value.record(into: &writer)
            try kind.record(into: &writer)
        case .notified(let link, let handle, let value):
            try link.record(into: &writer)
            try handle.record(into: &writer)
            try value.record(into: &writer)
        case .sent(let link, let count):
            try link.record(into: &writer)
            try count.record(into: &writer)
        case .parametersRequested(let link, let parameters), .parametersChanged(let link, let parameters):
            try link.record(into: &writer)
            try parameters.record(into: &writer)
        case .linkRSSI(let link, let rssi):
            try link.record(into: &writer)
            try rssi.record(into: &writer)
        case .disconnected(let link, let reason):
            try link.record(into: &writer)
            try reason.record(into: &writer)
        }
    }
}
