import BluetoothWire
import ByteCoding
import RadioPort

/// One connection as the host keeps it.
struct HostLink: Sendable {
    let id: LinkID
    let connection: ConnectionHandle
    let role: LinkRole
    let peer: Address
    var server: AttributeServer
    var client = AttributeClient()
    var reassembler = L2CAPReassembler()
    /// Signalling request of the peer that waits for the owner's answer.
    var parameterRequest: ParameterRequest?
    /// What the peer's link layer can do; nil while unknown.
    var features: UInt64?
    /// When the signal strength was asked for last.
    var rssiAt: Instant

    /// How the peer asked for other parameters.
    enum ParameterRequest: Equatable, Sendable {
        case signalling(identifier: UInt8)
        case controller
    }
}
