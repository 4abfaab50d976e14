import ByteCoding
import MeshWire
import RadioPort

/// A MeshAccess link of a node.
struct AccessLink: Sendable {}

// Where MeshAccess takes part in the life of a node.
extension Node {
    mutating func watchForEmergency(now: Instant, into outputs: inout Outputs) {}
    /// A neighbour answered the request to free a link.
    mutating func emergencyAnswered(
        _ code: EmergencyDisconnectCode,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {}
    mutating func discovered(
        link: LinkID,
        service: Service,
        handles: ServiceHandles?,
        now: Instant,
        into outputs: inout Outputs
    ) {}
    mutating func notified(link: LinkID, value: AttributeValue, now: Instant, into outputs: inout Outputs) {}
    mutating func accessWriteConfirmed(_ index: Int, now: Instant, into outputs: inout Outputs) {}
    mutating func accessWritten(
        _ index: Int,
        handle: AttributeHandle,
        value: AttributeValue,
        now: Instant,
        into outputs: inout Outputs
    ) {}
    mutating func accessLinkUp(_ index: Int, link: LinkID, now: Instant, into outputs: inout Outputs) {}
    mutating func accessLinkRemoved(_ link: Link, now: Instant, into outputs: inout Outputs) {}
    mutating func sendToAccessLinks(
        _ message: MessageBytes,
        header: MessageHeader,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {}
    mutating func sendToAccessLink(
        _ index: Int,
        _ message: MessageBytes,
        header: MessageHeader,
        isRelayed: Bool,
        now: Instant,
        into outputs: inout Outputs
    ) -> Bool { false }
}
