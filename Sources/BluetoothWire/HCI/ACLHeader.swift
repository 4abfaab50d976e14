public import ByteCoding

/// The header of a packet of connection data (Core 5.4 Vol 4 Part E 5.4.2).
///
/// | offset | size | field                                             |
/// |-------:|-----:|---------------------------------------------------|
/// |      0 |    2 | bits 0-11 connection, 12-13 boundary, 14-15 broadcast |
/// |      2 |    2 | bytes that follow                                 |
public struct ACLHeader: WireMessage {
    /// The connection.
    public var connection: ConnectionHandle
    /// Whether the packet goes on with what an earlier one began.
    public var isContinuation: Bool
    /// Bytes that follow.
    public var length: UInt16

    private static let boundary = BitField<UInt16>(offset: 12, width: 2)
    private static let continuation: UInt16 = 1

    /// A header; sent as first, non-flushable, or as continuation.
    public init(connection: ConnectionHandle, isContinuation: Bool, length: UInt16) {
        self.connection = connection
        self.isContinuation = isContinuation
        self.length = length
    }

    /// Decodes a header; both kinds of "first" are one.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let word = try reader.read(UInt16.self)
        connection = ConnectionHandle(rawValue: word)
        isContinuation = Self.boundary.get(word) == Self.continuation
        length = try reader.read()
    }

    /// Appends the header.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        var word = connection.rawValue
        Self.boundary.set(isContinuation ? Self.continuation : 0, in: &word)
        try writer.write(word)
        try writer.write(length)
    }

    /// The four bytes of the header.
    var bytes: [UInt8] {
        do {
            return try encoded(as: InlineBytes<4>.self).array
        } catch {
            preconditionFailure("a header has four bytes: \(error)")
        }
    }
}
