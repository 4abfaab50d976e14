public import ByteCoding

/// Any message of a link, decoded (protocol §1.9).
///
/// Encoding gives back exactly the bytes that were decoded: unknown types and actions keep their payload, bytes behind a
/// known message are kept by ``extended(_:trailing:)``.
public enum MeshMessage: Equatable, Sendable {
    /// Types 16 and 17: a piece of a message.
    case splitFragment(SplitFragment)
    /// Type 20.
    case clusterWelcome(ClusterWelcome)
    /// Type 21.
    case clusterAck1(ClusterAck1)
    /// Type 22.
    case clusterAck2(ClusterAck2)
    /// Type 23.
    case clusterInfoUpdate(ClusterInfoUpdate)
    /// Type 24.
    case reconnect(Reconnect)
    /// Type 25.
    case encryptCustomStart(EncryptCustomStart)
    /// Type 26.
    case encryptCustomANonce(EncryptCustomANonce)
    /// Type 27.
    case encryptCustomSNonce(EncryptCustomSNonce)
    /// Type 28.
    case encryptCustomDone(EncryptCustomDone)
    /// Type 30.
    case updateTimestamp(UpdateTimestamp)
    /// Type 31.
    case updateConnectionInterval(UpdateConnectionInterval)
    /// Type 32.
    case assetLegacy(LegacyAssetReport)
    /// Type 33.
    case capability(Capability)
    /// Type 34.
    case assetGeneric(AssetReport)
    /// Type 40.
    case graftHello(GraftHello)
    /// Type 41.
    case graftConcede(GraftConcede)
    /// Type 42.
    case graftUpdate(GraftUpdate)
    /// Type 43.
    case graftRole(GraftRole)
    /// Type 44.
    case graftRequest(GraftRequest)
    /// Type 45.
    case graftKnock(GraftKnock)
    /// Type 46.
    case graftReconnect(GraftReconnect)
    /// Types 50...53.
    case module(ModuleMessage)
    /// Type 54.
    case rawData(RawData)
    /// Type 55.
    case rawDataLight(RawDataLight)
    /// Types 58 and 59.
    case component(ComponentMessage)
    /// Type 60.
    case timeSync(TimeSync)
    /// Type 61.
    case deadData(DeadData)
    /// Types 80, 81 and 83.
    case data(DataMessage)
    /// Every other type.
    case unknown(DataMessage)
    /// A known message with bytes behind it that existing nodes ignore, as a later version may send; boxed, because it is rare.
    indirect case extended(MeshMessage, trailing: InlineBytes<195>)

    /// The message without what may follow it.
    public var withoutTrailing: MeshMessage {
        guard case .extended(let message, _) = self else { return self }
        return message
    }
}

extension MeshMessage: WireMessage {
    /// Decodes one message, up to the end of the bytes.
    ///
    /// - Throws: `CodingError/overflow(capacity:)` beyond 200 bytes, other `CodingError` if a known type is malformed.
    public init(from reader: inout ByteReader) throws(CodingError) {
        guard reader.remaining <= 200 else { throw .overflow(capacity: 200) }
        let message = try Self.known(&reader)
        self = reader.remaining == 0 ? message : .extended(message, trailing: try reader.readRest())
    }

    private static func known(_ reader: inout ByteReader) throws(CodingError) -> MeshMessage {
        switch try reader.peekType() {
        case .split, .splitEnd: .splitFragment(try SplitFragment(from: &reader))
        case .clusterWelcome: .clusterWelcome(try ClusterWelcome(from: &reader))
        case .clusterAck1: .clusterAck1(try ClusterAck1(from: &reader))
        case .clusterAck2: .clusterAck2(try ClusterAck2(from: &reader))
        case .clusterInfoUpdate: .clusterInfoUpdate(try ClusterInfoUpdate(from: &reader))
        case .reconnect: .reconnect(try Reconnect(from: &reader))
        case .encryptCustomStart: .encryptCustomStart(try EncryptCustomStart(from: &reader))
        case .encryptCustomANonce: .encryptCustomANonce(try EncryptCustomANonce(from: &reader))
        case .encryptCustomSNonce: .encryptCustomSNonce(try EncryptCustomSNonce(from: &reader))
        case .encryptCustomDone: .encryptCustomDone(try EncryptCustomDone(from: &reader))
        case .updateTimestamp: .updateTimestamp(try UpdateTimestamp(from: &reader))
        case .updateConnectionInterval: .updateConnectionInterval(try UpdateConnectionInterval(from: &reader))
        case .assetLegacy: .assetLegacy(try LegacyAssetReport(from: &reader))
        case .capability: .capability(try Capability(from: &reader))
        case .assetGeneric: .assetGeneric(try AssetReport(from: &reader))
        case .graftHello: .graftHello(try GraftHello(from: &reader))
        case .graftConcede: .graftConcede(try GraftConcede(from: &reader))
        case .graftUpdate: .graftUpdate(try GraftUpdate(from: &reader))
        case .graftRole: .graftRole(try GraftRole(from: &reader))
        case .graftRequest: .graftRequest(try GraftRequest(from: &reader))
        case .graftKnock: .graftKnock(try GraftKnock(from: &reader))
        case .graftReconnect: .graftReconnect(try GraftReconnect(from: &reader))
        case .moduleConfig, .moduleTriggerAction, .moduleActionResponse, .moduleGeneral:
            .module(try ModuleMessage(from: &reader))
        case .moduleRawData: .rawData(try RawData(from: &reader))
        case .moduleRawDataLight: .rawDataLight(try RawDataLight(from: &reader))
        case .componentAct, .componentSense: .component(try ComponentMessage(from: &reader))
        case .timeSync: .timeSync(try TimeSync(from: &reader))
        case .deadData: .deadData(try DeadData(from: &reader))
        case .data1, .data1Vital, .clcData: .data(try DataMessage(from: &reader))
        default: .unknown(try DataMessage(from: &reader))
        }
    }

    /// Encodes the message.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        switch self {
        case .splitFragment(let message): try message.encode(into: &writer)
        case .clusterWelcome(let message): try message.encode(into: &writer)
        case .clusterAck1(let message): try message.encode(into: &writer)
        case .clusterAck2(let message): try message.encode(into: &writer)
        case .clusterInfoUpdate(let message): try message.encode(into: &writer)
        case .reconnect(let message): try message.encode(into: &writer)
        case .encryptCustomStart(let message): try message.encode(into: &writer)
        case .encryptCustomANonce(let message): try message.encode(into: &writer)
        case .encryptCustomSNonce(let message): try message.encode(into: &writer)
        case .encryptCustomDone(let message): try message.encode(into: &writer)
        case .updateTimestamp(let message): try message.encode(into: &writer)
        case .updateConnectionInterval(let message): try message.encode(into: &writer)
        case .assetLegacy(let message): try message.encode(into: &writer)
        case .capability(let message): try message.encode(into: &writer)
        case .assetGeneric(let message): try message.encode(into: &writer)
        case .graftHello(let message): try message.encode(into: &writer)
        case .graftConcede(let message): try message.encode(into: &writer)
        case .graftUpdate(let message): try message.encode(into: &writer)
        case .graftRole(let message): try message.encode(into: &writer)
        case .graftRequest(let message): try message.encode(into: &writer)
        case .graftKnock(let message): try message.encode(into: &writer)
        case .graftReconnect(let message): try message.encode(into: &writer)
        case .module(let message): try message.encode(into: &writer)
        case .rawData(let message): try message.encode(into: &writer)
        case .rawDataLight(let message): try message.encode(into: &writer)
        case .component(let message): try message.encode(into: &writer)
        case .timeSync(let message): try message.encode(into: &writer)
        case .deadData(let message): try message.encode(into: &writer)
        case .data(let message), .unknown(let message): try message.encode(into: &writer)
        case .extended(let message, let trailing):
            try message.encode(into: &writer)
            try writer.write(trailing)
        }
    }

    /// The encoded form.
    ///
    /// - Throws: `CodingError/overflow(capacity:)` beyond 200 bytes.
    public func encoded() throws(CodingError) -> MessageBytes {
        try encoded(as: MessageBytes.self)
    }
}

extension ByteReader {
    /// The type of the message that starts here.
    fileprivate func peekType() throws(CodingError) -> MessageType {
        var copy = self
        return MessageType(rawValue: try copy.read())
    }
}
