public import ByteCoding
public import MeshWire

/// Translates addresses between the mesh and one MeshAccess link, and tells what may go over it (protocol §6.10).
///
/// In the mesh of this node the partner has a virtual id, on the link it uses its own; neither learns the other.
public struct AccessAddressing: Sendable, Equatable {
    /// The id that the partner has in the mesh of this node.
    public var virtual: NodeID
    /// Whether somebody chose ``virtual`` on purpose (`serial_connect`).
    public var isVirtualExplicit: Bool
    /// The id that the partner uses on the link.
    public var partner: NodeID
    /// The tunnel as this end sees it.
    public var tunnel: TunnelType
    /// Whether this node opened the link, with the network key.
    public var opensNetworkLink: Bool
    /// Whether this node is an ASSET.
    public var isAsset: Bool

    /// Addressing from its fields.
    public init(
        virtual: NodeID,
        isVirtualExplicit: Bool = false,
        partner: NodeID,
        tunnel: TunnelType,
        opensNetworkLink: Bool,
        isAsset: Bool = false
    ) {
        self.virtual = virtual
        self.isVirtualExplicit = isVirtualExplicit
        self.partner = partner
        self.tunnel = tunnel
        self.opensNetworkLink = opensNetworkLink
        self.isAsset = isAsset
    }

    /// Whether a message that this node originates is offered to the link; relayed ones always are.
    public func isOffered(to receiver: NodeID) -> Bool {
        if receiver == virtual || isAsset { return true }
        if opensNetworkLink, tunnel == .remoteMesh { return true }
        return switch receiver.kind {
        case .broadcast, .anycastThenBroadcast, .loopback, .hops, .app, .globalDevice, .staticGroup,
            .dynamicGroupBroadcast, .dynamicGroup, .reservedGroup:
            true
        case .device, .virtual, .shortestSink, .invalid, .reserved: false
        }
    }

    /// Whether any message, own or relayed, may go to the partner.
    public func permits(receiver: NodeID) -> Bool {
        receiver == virtual || tunnel == .remoteMesh || !Self.meshReceivers.contains(receiver.rawValue)
    }

    /// Turns the virtual id of the partner into its own, for the link.
    public func translateOutgoing(_ message: inout MessageBytes) {
        guard let header = try? MessageHeader(bytes: message), header.receiver == virtual else { return }
        message[3] = UInt8(truncatingIfNeeded: partner.rawValue)
        message[4] = UInt8(truncatingIfNeeded: partner.rawValue >> 8)
    }

    /// Turns the partner's own id into the virtual one, for the mesh.
    public func translateIncoming(_ message: inout MessageBytes) {
        guard let header = try? MessageHeader(bytes: message), header.sender == partner else { return }
        guard !keepsSender(header, message) else { return }
        message[1] = UInt8(truncatingIfNeeded: virtual.rawValue)
        message[2] = UInt8(truncatingIfNeeded: virtual.rawValue >> 8)
    }

    private func keepsSender(_ header: MessageHeader, _ message: MessageBytes) -> Bool {
        if partner.kind == .globalDevice, !isVirtualExplicit { return true }
        guard header.type == .componentSense, let module = try? ModuleHeader(bytes: message) else { return false }
        return module.module == .plain(.vendorAsset)
    }

    /// Receivers inside the mesh of this node.
    private static let meshReceivers: ClosedRange<UInt16> = 2...19999
}
