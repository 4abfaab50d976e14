public import ByteCoding

/// Assets heard by a node, for a sink: ASSET_GENERIC (protocol §10.8).
///
/// Little-endian. A module header of type 34 (module 2, action 2), then entries of 12 bytes.
public struct AssetReport: WireMessage {
    /// Bytes of the shortest encoded form.
    public static let minimumSize = 8

    /// Header of type 34.
    public var header: ModuleHeader
    /// The assets.
    public var assets: PackedList<AssetReportEntry, 192>

    /// A report to the nearest sink.
    public init(
        sender: NodeID,
        receiver: NodeID = .shortestSink,
        requestHandle: UInt8 = 0,
        assets: PackedList<AssetReportEntry, 192>
    ) {
        header = ModuleHeader(
            type: .assetGeneric,
            sender: sender,
            receiver: receiver,
            module: .plain(.scanning),
            requestHandle: requestHandle,
            actionType: 2
        )
        self.assets = assets
    }

    /// Decodes header and entries.
    public init(from reader: inout ByteReader) throws(CodingError) {
        header = try ModuleHeader(from: &reader)
        guard header.type == .assetGeneric else {
            throw .invalidField("messageType", value: UInt64(header.type.rawValue))
        }
        assets = try PackedList(from: &reader)
    }

    /// Encodes header and entries.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try header.encode(into: &writer)
        try assets.encode(into: &writer)
    }
}
