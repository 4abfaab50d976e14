/// Why bytes could not be decoded, or a value not be encoded.
///
/// Bytes from the air are expected to be wrong now and then: the error is caught once at the frame boundary, counted, and
/// the frame dropped.
public enum CodingError: Error, Equatable, Sendable {
    /// Fewer bytes than the format needs.
    case truncated(needed: Int, available: Int)
    /// More bytes than the fixed-size format allows.
    case trailingBytes(count: Int)
    /// A field holds a value that the format does not allow.
    case invalidField(StaticString, value: UInt64)
    /// The encoded form does not fit into the destination.
    case overflow(capacity: Int)

    /// Compares contents.
    public static func == (left: CodingError, right: CodingError) -> Bool {
        switch (left, right) {
        case (.truncated(let a, let b), .truncated(let c, let d)): a == c && b == d
        case (.trailingBytes(let a), .trailingBytes(let b)): a == b
        case (.invalidField(let a, let b), .invalidField(let c, let d)): a.description == c.description && b == d
        case (.overflow(let a), .overflow(let b)): a == b
        default: false
        }
    }
}
