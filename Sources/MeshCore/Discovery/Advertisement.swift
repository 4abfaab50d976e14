public import ByteCoding
import MeshWire
public import RadioPort

/// An advertisement that was read, once for all who hear it.
///
/// A driver of many nodes reads what a node advertises when that changes, and tells the others by ``Node/hear(_:of:into:)``.
public struct Advertisement: Sendable {
    /// What a node makes of the bytes, whatever its network.
    enum Content: Sendable {
        /// A MeshAccess broadcast.
        case device(SerialNumber, isEnrolled: Bool)
        /// The beacon of classic clustering.
        case joinMe(JoinMe)
        /// The beacon of graft clustering.
        case graftMe(GraftMe)
        /// Nothing of ours.
        case other
    }

    let content: Content
    /// Where it was sent from.
    public let address: Address
    /// Whether the sender takes links.
    public let connectable: Bool

    /// Reads an advertisement; its AD structures may come in any order.
    public init(address: Address, connectable: Bool, data: AdvertisingData) {
        self.address = address
        self.connectable = connectable
        content = Content(data.flagsFirst)
    }
}

extension Advertisement.Content {
    fileprivate init(_ data: AdvertisingData) {
        if let device = MeshAccessBroadcast.device(in: data) {
            self = .device(device.serialNumber, isEnrolled: device.isEnrolled)
        } else if let joinMe = try? JoinMe(bytes: data) {
            self = .joinMe(joinMe)
        } else if let graftMe = try? GraftMe(bytes: data) {
            self = .graftMe(graftMe)
        } else {
            self = .other
        }
    }
}

/// That a node received an advertisement.
public struct Reception: Sendable {
    /// When.
    public var at: Instant
    /// Which, by its place in the list that goes with it.
    public var advertisement: UInt32
    /// How strong it was, in dBm.
    public var rssi: Int8

    /// A reception from its fields.
    @inlinable
    public init(at: Instant, advertisement: UInt32, rssi: Int8) {
        self.at = at
        self.advertisement = advertisement
        self.rssi = rssi
    }
}
