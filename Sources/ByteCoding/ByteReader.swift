/// Reads little-endian values from borrowed bytes, front to back.
///
/// The reader never reads past the end: every read throws ``CodingError/truncated(needed:available:)`` instead.
@frozen
public struct ByteReader: ~Escapable {
    @usableFromInline let bytes: RawSpan
    @usableFromInline var offset: Int

    /// Starts at the first byte of `bytes`.
    @inlinable @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        offset = 0
    }

    /// Number of bytes not yet read.
    @inlinable
    public var remaining: Int { bytes.byteCount - offset }

    /// Number of bytes read so far.
    @inlinable
    public var position: Int { offset }

    /// Reads one little-endian integer.
    ///
    /// - Throws: ``CodingError/truncated(needed:available:)`` if fewer bytes are left than the integer has.
    @inlinable
    public mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type = Value.self
    ) throws(CodingError) -> Value {
        let size = MemoryLayout<Value>.size
        guard remaining >= size else { throw .truncated(needed: size, available: remaining) }
        // Safe: the range was checked above and any bit pattern is an integer.
        let value = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: Value.self)
        offset += size
        return Value(littleEndian: value)
    }

    /// Reads an unsigned 24-bit little-endian integer, 0...0xFFFFFF.
    ///
    /// - Throws: ``CodingError/truncated(needed:available:)`` if fewer than 3 bytes are left.
    @inlinable
    public mutating func readUInt24() throws(CodingError) -> UInt32 {
        guard remaining >= 3 else { throw .truncated(needed: 3, available: remaining) }
        let low = try read(UInt16.self)
        let high = try read(UInt8.self)
        return UInt32(low) | UInt32(high) << 16
    }

    /// Reads `count` bytes into a fixed-capacity buffer.
    ///
    /// - Throws: ``CodingError/truncated(needed:available:)`` if fewer are left, ``CodingError/overflow(capacity:)`` if
    ///   `count` exceeds the capacity of the buffer.
    @inlinable
    public mutating func readBytes<let capacity: Int>(
        _ count: Int,
        as type: InlineBytes<capacity>.Type = InlineBytes<capacity>.self
    ) throws(CodingError) -> InlineBytes<capacity> {
        guard count >= 0, remaining >= count else { throw .truncated(needed: count, available: remaining) }
        guard count <= capacity else { throw .overflow(capacity: capacity) }
        let result = InlineBytes<capacity>(prefixOf: bytes.extracting(offset..<offset + count))
        offset += count
        return result
    }

    /// Reads everything that is left into a fixed-capacity buffer.
    ///
    /// - Throws: ``CodingError/overflow(capacity:)`` if more bytes are left than the buffer can hold.
    @inlinable
    public mutating func readRest<let capacity: Int>(
        as type: InlineBytes<capacity>.Type = InlineBytes<capacity>.self
    ) throws(CodingError) -> InlineBytes<capacity> {
        try readBytes(remaining)
    }

    /// Reads as much of what is left as a fixed-capacity buffer can hold.
    @inlinable
    public mutating func readAvailable<let capacity: Int>(
        as type: InlineBytes<capacity>.Type = InlineBytes<capacity>.self
    ) throws(CodingError) -> InlineBytes<capacity> {
        try readBytes(min(remaining, capacity))
    }

    /// Skips `count` bytes.
    ///
    /// - Throws: ``CodingError/truncated(needed:available:)`` if fewer are left.
    @inlinable
    public mutating func skip(_ count: Int) throws(CodingError) {
        guard count >= 0, remaining >= count else { throw .truncated(needed: count, available: remaining) }
        offset += count
    }

    /// Checks that every byte has been read.
    ///
    /// - Throws: ``CodingError/trailingBytes(count:)`` if bytes are left.
    @inlinable
    public func expectEnd() throws(CodingError) {
        guard remaining == 0 else { throw .trailingBytes(count: remaining) }
    }
}
