public import ByteCoding

/// Feeds the watchdogs and tells the distance to a sink (protocol §10.1, TA 3/9).
///
/// Little-endian.
///
/// | offset | size | field | meaning                        |
/// |-------:|-----:|-------|--------------------------------|
/// |      0 |    1 | flags | bit 0 fromSink; may be missing |
public struct KeepAlive: WireMessage {
    /// Bit 0 tells that the sender is a sink; nil if the byte is missing, which means the same.
    public var flags: UInt8?

    /// A value from its fields.
    public init(flags: UInt8? = nil) {
        self.flags = flags
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        flags = reader.remaining >= 1 ? try reader.read() : nil
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        if let flags {
            try writer.write(flags)
        }
    }

    /// Whether the sender is a sink.
    public var isFromSink: Bool { flags.map { $0 & 1 == 1 } ?? true }
}
