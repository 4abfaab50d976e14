public import ByteCoding

/// The time of a node (protocol §10.2, AR 0/8).
///
/// Little-endian, 8 bytes.
///
/// | offset | size | field     | meaning                               |
/// |-------:|-----:|-----------|---------------------------------------|
/// |      0 |    4 | time      | unix time                             |
/// |      4 |    2 | offset    | minutes                               |
/// |      6 |    1 | syncState | 0 unsynced, 1 synced, 2 corrected     |
/// |      7 |    1 | flags     | bit 0 isTimeMaster, bits 1-7 reserved |
public struct GetTimeResult: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 8

    static let isTimeMasterField = BitField<UInt8>(offset: 0, width: 1)
    static let reservedField = BitField<UInt8>(offset: 1, width: 7)

    /// Seconds since 1970, or since boot if unsynced.
    public var time: UInt32
    /// Offset of local time in minutes.
    public var offset: Int16
    /// 0 unsynced, 1 synced, 2 corrected.
    public var syncState: UInt8
    /// The time was set at this node.
    public var isTimeMaster: Bool
    /// Seven reserved bits, kept as received.
    public var reserved: UInt8

    /// A value from its fields.
    public init(
        time: UInt32,
        offset: Int16,
        syncState: UInt8,
        isTimeMaster: Bool,
        reserved: UInt8 = 0
    ) {
        self.time = time
        self.offset = offset
        self.syncState = syncState
        self.isTimeMaster = isTimeMaster
        self.reserved = reserved
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        time = try reader.read()
        offset = try reader.read()
        syncState = try reader.read()
        let flags = try reader.read(UInt8.self)
        isTimeMaster = Self.isTimeMasterField.get(flags) == 1
        reserved = Self.reservedField.get(flags)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(time)
        try writer.write(offset)
        try writer.write(syncState)
        var flags: UInt8 = 0
        Self.isTimeMasterField.set(isTimeMaster ? 1 : 0, in: &flags)
        Self.reservedField.set(reserved, in: &flags)
        try writer.write(flags)
    }
}
