public import ByteCoding

/// A value written to or notified from an attribute, at most 244 bytes on any link of ours; 64 cover the MTU of 63.
public typealias AttributeValue = InlineBytes<64>
/// The payload of a legacy advertisement or scan response, at most 31 bytes.
public typealias AdvertisingData = InlineBytes<31>

/// How an attribute is written.
@frozen
public enum WriteKind: UInt8, Hashable, Sendable {
    /// Write Command: no answer.
    case command = 0
    /// Write Request: answered by the peer's radio, one at a time on a link.
    case request = 1
}

/// The GATT services of a node (protocol §5.2).
@frozen
public enum Service: UInt8, Hashable, Sendable {
    /// The mesh service: one characteristic, written by the link partner.
    case mesh = 0
    /// The MeshAccess service: RX, TX and the client configuration of TX.
    case meshAccess = 1
}

/// Attribute handles of the services of one ATT server.
@frozen
public struct ServiceHandles: Hashable, Sendable {
    /// Value of the mesh characteristic.
    public var meshValue: AttributeHandle
    /// MeshAccess RX: the central writes here.
    public var accessReceive: AttributeHandle
    /// MeshAccess TX: the peripheral notifies from here.
    public var accessTransmit: AttributeHandle
    /// Client characteristic configuration of MeshAccess TX.
    public var accessConfiguration: AttributeHandle

    /// The four handles a node needs to know.
    public init(
        meshValue: AttributeHandle,
        accessReceive: AttributeHandle,
        accessTransmit: AttributeHandle,
        accessConfiguration: AttributeHandle
    ) {
        self.meshValue = meshValue
        self.accessReceive = accessReceive
        self.accessTransmit = accessTransmit
        self.accessConfiguration = accessConfiguration
    }
}

/// What a radio can do.
@frozen
public struct RadioCapabilities: Hashable, Sendable {
    /// Links this radio can hold as central.
    public var linksAsCentral: UInt8
    /// Links this radio can hold as peripheral.
    public var linksAsPeripheral: UInt8
    /// Whether links in both roles may exist at the same time.
    public var dualRole: Bool
    /// Whether it can advertise connectably while it has links.
    public var advertiseWhileLinked: Bool
    /// Whether a long-term key can be set for link-layer encryption.
    public var linkEncryption: Bool
    /// Whether the data length can be extended.
    public var dataLength: Bool
    /// Whether extended advertising is available.
    public var extendedAdvertising: Bool
    /// Largest ATT MTU, 23...517.
    public var mtuMax: UInt16

    /// All capabilities, spelled out.
    public init(
        linksAsCentral: UInt8,
        linksAsPeripheral: UInt8,
        dualRole: Bool,
        advertiseWhileLinked: Bool,
        linkEncryption: Bool,
        dataLength: Bool,
        extendedAdvertising: Bool,
        mtuMax: UInt16
    ) {
        self.linksAsCentral = linksAsCentral
        self.linksAsPeripheral = linksAsPeripheral
        self.dualRole = dualRole
        self.advertiseWhileLinked = advertiseWhileLinked
        self.linkEncryption = linkEncryption
        self.dataLength = dataLength
        self.extendedAdvertising = extendedAdvertising
        self.mtuMax = mtuMax
    }
}

/// What a node may ask of a radio.
@frozen
public enum RadioCommand: Equatable, Sendable {
    /// Advertise from now on, or change what is advertised; an incoming link ends it.
    case advertise(
        data: AdvertisingData,
        scanResponse: AdvertisingData,
        connectable: Bool,
        intervalMicroseconds: UInt32
    )
    /// Stop advertising.
    case stopAdvertising
    /// Scan passively from now on, or change the timing; a connect attempt ends it.
    case scan(ScanTiming)
    /// Stop scanning.
    case stopScan
    /// Open a link; answered by `connected` or `connectFailed`. One attempt at a time.
    case connect(
        token: ConnectToken,
        address: Address,
        parameters: ConnectionParameters,
        scan: ScanTiming,
        timeoutMicroseconds: UInt32
    )
    /// Give the connect attempt up; answered by `connectFailed`, or by `connected` if it was too late.
    case cancelConnect
    /// As central: encrypt the link with a long-term key (EDIV 0, RAND 0).
    case encrypt(link: LinkID, key: Key128)
    /// As peripheral: answer `keyRequested`; nil refuses.
    case answerKey(link: LinkID, key: Key128?)
    /// As central: exchange the ATT MTU.
    case exchangeMTU(link: LinkID, mtu: UInt16)
    /// Ask for the longest link-layer packets.
    case setDataLength(link: LinkID)
    /// Find the handles of a service on the peer.
    case discover(link: LinkID, service: Service)
    /// Write an attribute of the peer.
    case write(link: LinkID, handle: AttributeHandle, value: AttributeValue, kind: WriteKind)
    /// Notify the peer from an own attribute.
    case notify(link: LinkID, handle: AttributeHandle, value: AttributeValue)
    /// Change the parameters of a link.
    case updateParameters(link: LinkID, parameters: ConnectionParameters)
    /// Close a link.
    case disconnect(link: LinkID, reason: HCIStatus)
}
