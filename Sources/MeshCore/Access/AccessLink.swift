import MeshWire

/// What a MeshAccess link has beyond what every link has.
struct AccessLink: Sendable {
    /// Why a node has a MeshAccess link.
    enum Purpose: Sendable {
        /// The partner opened it, for reasons of its own.
        case accepted
        /// To ask a bigger cluster for a free link (protocol §4.8).
        case emergency
        /// To enrol a device for somebody (protocol §10.5).
        case enrolment
    }

    /// Why the node has the link.
    let purpose: Purpose
    /// The protection, from the first packet on.
    var channel: AccessChannel
    /// Who the partner is here and there; nil before the first complete handshake.
    var addressing: AccessAddressing?
    /// What the partner was told of the cluster since the last handshake.
    var toldCluster: ClusterInfoUpdate?

    init(_ handshake: AccessHandshake, for purpose: Purpose) {
        self.purpose = purpose
        channel = AccessChannel(handshake)
    }
}
