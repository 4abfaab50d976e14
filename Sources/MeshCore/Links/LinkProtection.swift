import RadioPort

/// The protection of a mesh link whose radios cannot encrypt it: the key handshake and the sealed packets of MeshAccess links,
/// over the mesh attribute in both directions.
struct LinkProtection: Sendable {
    /// Handshake and ciphers.
    var channel: AccessChannel
    /// As peripheral: the answer to START, which waits until the partner's attribute is found.
    var reply: AttributeValue?

    init(_ handshake: AccessHandshake) {
        // Hosts with several bearers of the attribute protocol (EATT) let commands overtake each other.
        channel = AccessChannel(handshake, earlyMax: Limits.commandsInFlight)
    }
}
