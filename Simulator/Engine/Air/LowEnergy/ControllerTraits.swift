import MeshConfiguration
import RadioFake
import RadioPort

/// What a controller profile means for the air.
///
/// Limits and roles as the chips report them or as is known of them in the field; delays are those of the transport, a UART or
/// USB, and of the host behind it.
struct ControllerTraits: Sendable {
    /// What the radio says it can do.
    var capabilities = FakeRadio.capabilities
    /// Links in both roles together.
    var linkLimit = Int(FakeRadio.capabilities.linksAsCentral + FakeRadio.capabilities.linksAsPeripheral)
    /// Whether nothing is advertised while a connect attempt is under way.
    var pausesAdvertising = false
    /// Time from controller to host at least, in nanoseconds.
    var hostDelay: UInt64 = 0
    /// What may be added to it.
    var hostJitter: UInt64 = 0

    init(_ profile: ControllerProfile) {
        switch profile {
        case .ideal:
            break
        case .bcm43438:
            limit(links: 8)
            pausesAdvertising = true
            (hostDelay, hostJitter) = (1_500 * Airtime.microsecond, 2_000 * Airtime.microsecond)
        case .bcm43455:
            limit(links: 8)
            pausesAdvertising = true
            (hostDelay, hostJitter) = (800 * Airtime.microsecond, 1_200 * Airtime.microsecond)
        case .csr8510:
            // A controller of Bluetooth 4.0: central of several or peripheral of one (Core 4.0 Vol 6 Part B 1.1).
            limit(links: 5)
            capabilities.linksAsPeripheral = 1
            capabilities.dualRole = false
            capabilities.dataLength = false
            (hostDelay, hostJitter) = (1_000 * Airtime.microsecond, 1_000 * Airtime.microsecond)
        case .rtl8761b:
            limit(links: 8)
            pausesAdvertising = true
            (hostDelay, hostJitter) = (1_000 * Airtime.microsecond, 1_000 * Airtime.microsecond)
        }
    }

    private mutating func limit(links: UInt8) {
        capabilities.linksAsCentral = links
        capabilities.linksAsPeripheral = links
        linkLimit = Int(links)
    }
}
