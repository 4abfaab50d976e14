public import ByteCoding

/// What one write or notification carries: a whole message or a piece of one (protocol §5.5).
public typealias FrameBytes = InlineBytes<64>

/// A piece of a message that is longer than a write (protocol §5.6).
///
/// | offset | size     | field   | meaning                                  |
/// |-------:|---------:|---------|------------------------------------------|
/// |      0 |        1 | type    | 16, or 17 for the last piece             |
/// |      1 |        1 | counter | from 0                                   |
/// |      2 | 1...P-2  | piece   | bytes from counter * (P-2) of the message |
@frozen
public struct SplitFragment: WireMessage {
    /// Bytes in front of the piece.
    public static let headerSize = 2

    /// Whether it is the last piece.
    public var isLast: Bool
    /// Number of the piece, from 0.
    public var counter: UInt8
    /// The piece.
    public var piece: InlineBytes<198>

    /// A fragment from its fields.
    @inlinable
    public init(isLast: Bool, counter: UInt8, piece: InlineBytes<198>) {
        self.isLast = isLast
        self.counter = counter
        self.piece = piece
    }

    /// Decodes the fields in the order of the table.
    @inlinable
    public init(from reader: inout ByteReader) throws(CodingError) {
        let type = MessageType(rawValue: try reader.read())
        switch type {
        case .split: isLast = false
        case .splitEnd: isLast = true
        default: throw .invalidField("messageType", value: UInt64(type.rawValue))
        }
        counter = try reader.read()
        piece = try reader.readAvailable()
    }

    /// Encodes the fields in the order of the table.
    @inlinable
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write((isLast ? MessageType.splitEnd : .split).rawValue)
        try writer.write(counter)
        try writer.write(piece)
    }
}
