/// The first byte of a packet on an H4 transport and on HCI sockets (Core 5.4 Vol 4 Part A 2).
public enum HCIPacketType: UInt8, Sendable, CaseIterable {
    /// Host to controller.
    case command = 1
    /// Both ways: data of connections.
    case acl = 2
    /// Both ways: synchronous data, which no link of a mesh uses.
    case synchronous = 3
    /// Controller to host.
    case event = 4
    /// Both ways: isochronous data, which no link of a mesh uses.
    case isochronous = 5

    /// Bytes between the type and the payload.
    public var headerSize: Int {
        switch self {
        case .command, .synchronous: 3
        case .acl, .isochronous: 4
        case .event: 2
        }
    }

    /// Bytes of payload that a header announces; `header` holds at least ``headerSize`` bytes, without the type.
    func payloadSize(_ header: ArraySlice<UInt8>) -> Int {
        let first = header.startIndex
        return switch self {
        case .command, .synchronous: Int(header[first + 2])
        case .event: Int(header[first + 1])
        case .acl: Int(header[first + 2]) | Int(header[first + 3]) << 8
        case .isochronous: Int(header[first + 2]) | Int(header[first + 3] & 0x3F) << 8
        }
    }
}
