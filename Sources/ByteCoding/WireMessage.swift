/// A value with exactly one encoded form.
///
/// `init(from:)` and `encode(into:)` stand next to each other, field by field in the order of the type's table. Decoding
/// never traps: bytes that do not form a value throw.
public protocol WireMessage: Equatable, Sendable {
    /// Decodes one value; reads exactly its own bytes.
    ///
    /// - Throws: ``CodingError`` if the bytes do not form a value.
    init(from reader: inout ByteReader) throws(CodingError)

    /// Appends the encoded form.
    ///
    /// - Throws: ``CodingError/overflow(capacity:)`` if it does not fit.
    func encode(into writer: inout ByteWriter) throws(CodingError)
}

extension WireMessage {
    /// Decodes a value from the start of `bytes`; further bytes are left alone, as existing nodes do.
    ///
    /// - Throws: ``CodingError`` if the bytes do not form a value.
    @inlinable
    public init<let capacity: Int>(bytes: InlineBytes<capacity>) throws(CodingError) {
        self = try bytes.withBytes { (span) throws(CodingError) in
            var reader = ByteReader(span)
            return try Self(from: &reader)
        }
    }

    /// Decodes a value from the start of an array.
    ///
    /// - Throws: ``CodingError`` if the bytes do not form a value.
    public init(bytes: [UInt8]) throws(CodingError) {
        // Safe: bytes of an initialised array, which outlives the reader.
        var reader = unsafe ByteReader(bytes.span.bytes)
        self = try Self(from: &reader)
    }

    /// The encoded form in a buffer of the caller's capacity.
    ///
    /// - Throws: ``CodingError/overflow(capacity:)`` if it does not fit.
    @inlinable
    public func encoded<let capacity: Int>(
        as type: InlineBytes<capacity>.Type = InlineBytes<capacity>.self
    ) throws(CodingError) -> InlineBytes<capacity> {
        try InlineBytes<capacity> { (writer) throws(CodingError) in try encode(into: &writer) }
    }
}
