public import MeshWire

/// A link whose key handshake is complete: who is at the other end, with which rights, and both directions' ciphers.
public struct AccessSession: Hashable, Sendable {
    /// The partner by the id that it uses on the link.
    public let partner: NodeID
    /// The key that both ends showed to have.
    public let keyID: FmKeyID
    /// The tunnel as this end sees it.
    public let tunnel: TunnelType
    /// From this end to the partner.
    public var sending: AccessCipher
    /// From the partner to this end.
    public var receiving: AccessCipher
}
