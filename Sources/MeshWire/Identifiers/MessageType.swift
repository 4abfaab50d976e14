/// The first byte of every message on a link (protocol §1.9); unknown values are kept.
@frozen
public struct MessageType: RawRepresentable, Hashable, Sendable {
    /// The value on the wire.
    public var rawValue: UInt8

    /// The type `rawValue`.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A piece of a message; more follow.
    public static let split = MessageType(rawValue: 16)
    /// The last piece of a message.
    public static let splitEnd = MessageType(rawValue: 17)
    /// The central opens the cluster handshake.
    public static let clusterWelcome = MessageType(rawValue: 20)
    /// The peripheral yields.
    public static let clusterAck1 = MessageType(rawValue: 21)
    /// The central tells the new cluster.
    public static let clusterAck2 = MessageType(rawValue: 22)
    /// A change of size, hops to sink or master bit.
    public static let clusterInfoUpdate = MessageType(rawValue: 23)
    /// A lost link is back.
    public static let reconnect = MessageType(rawValue: 24)
    /// Opens the MeshAccess key handshake.
    public static let encryptCustomStart = MessageType(rawValue: 25)
    /// Nonce of the peripheral.
    public static let encryptCustomANonce = MessageType(rawValue: 26)
    /// Nonce of the central.
    public static let encryptCustomSNonce = MessageType(rawValue: 27)
    /// Ends the MeshAccess key handshake.
    public static let encryptCustomDone = MessageType(rawValue: 28)
    /// Makes the receiver a time master.
    public static let updateTimestamp = MessageType(rawValue: 30)
    /// Changes the interval of outgoing mesh links.
    public static let updateConnectionInterval = MessageType(rawValue: 31)
    /// Asset report, old form.
    public static let assetLegacy = MessageType(rawValue: 32)
    /// Capability request, entry or end.
    public static let capability = MessageType(rawValue: 33)
    /// Asset report.
    public static let assetGeneric = MessageType(rawValue: 34)
    /// Opens or renews the talk of two clusters that graft.
    public static let graftHello = MessageType(rawValue: 40)
    /// The root of a cluster makes the receiver its parent.
    public static let graftConcede = MessageType(rawValue: 41)
    /// The key and the nodes on the sender's side of a link.
    public static let graftUpdate = MessageType(rawValue: 42)
    /// Hands the role of the root over.
    public static let graftRole = MessageType(rawValue: 43)
    /// Asks for the role of the root.
    public static let graftRequest = MessageType(rawValue: 44)
    /// Asks the receiver to free a slot.
    public static let graftKnock = MessageType(rawValue: 45)
    /// A lost link between nodes that graft is back.
    public static let graftReconnect = MessageType(rawValue: 46)
    /// Module configuration.
    public static let moduleConfig = MessageType(rawValue: 50)
    /// Asks a module to act.
    public static let moduleTriggerAction = MessageType(rawValue: 51)
    /// A module's answer.
    public static let moduleActionResponse = MessageType(rawValue: 52)
    /// A module's own message.
    public static let moduleGeneral = MessageType(rawValue: 53)
    /// Data transfer with flow control.
    public static let moduleRawData = MessageType(rawValue: 54)
    /// One datagram.
    public static let moduleRawDataLight = MessageType(rawValue: 55)
    /// Act on a component.
    public static let componentAct = MessageType(rawValue: 58)
    /// Sensed by a component.
    public static let componentSense = MessageType(rawValue: 59)
    /// Time synchronisation between partners.
    public static let timeSync = MessageType(rawValue: 60)
    /// A MeshAccess link lost its encryption.
    public static let deadData = MessageType(rawValue: 61)
    /// Experimental data.
    public static let data1 = MessageType(rawValue: 80)
    /// Experimental data of the highest priority.
    public static let data1Vital = MessageType(rawValue: 81)
    /// Vendor data.
    public static let clcData = MessageType(rawValue: 83)

    /// Least length of a message of this type for local dispatch; nil for types that are not dispatched.
    ///
    /// The types of grafting, 40...46, have none although ``MeshMessage`` decodes them: a node that does not graft drops them
    /// as unknown types, and one that does handles them on the link, before anything is dispatched.
    public var minimumLength: Int? {
        switch self {
        case .split, .splitEnd: 2
        case .clusterWelcome: 16
        case .clusterAck1, .assetLegacy: 8
        case .clusterAck2, .encryptCustomANonce, .encryptCustomSNonce, .updateTimestamp, .deadData: 13
        case .clusterInfoUpdate: 14
        case .reconnect, .data1, .data1Vital, .clcData: 5
        case .encryptCustomStart: 11
        case .encryptCustomDone, .capability, .timeSync: 6
        case .updateConnectionInterval: 7
        case .assetGeneric: 17
        case .moduleConfig, .moduleTriggerAction, .moduleActionResponse, .moduleGeneral, .moduleRawData,
            .moduleRawDataLight:
            8
        case .componentAct, .componentSense: 12
        default: nil
        }
    }
}
