/// Appends little-endian values to borrowed memory of fixed capacity.
///
/// ``InlineBytes/init(writing:)`` is the usual way to get one.
@frozen
public struct ByteWriter: ~Copyable, ~Escapable {
    @usableFromInline var output: OutputRawSpan

    /// Writes to `output`, behind what it already holds.
    @inlinable @_lifetime(copy output)
    public init(_ output: consuming OutputRawSpan) {
        self.output = output
    }

    /// Number of bytes written so far.
    @inlinable
    public var count: Int { output.byteCount }

    /// Appends one little-endian integer.
    ///
    /// - Throws: ``CodingError/overflow(capacity:)`` if it does not fit.
    @inlinable @_lifetime(self: copy self)
    public mutating func write<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) throws(CodingError) {
        guard output.freeCapacity >= MemoryLayout<Value>.size else { throw .overflow(capacity: output.capacity) }
        // Safe: the capacity was checked above.
        unsafe output.append(value.littleEndian, as: Value.self)
    }

    /// Appends the low 24 bits of `value`, little-endian.
    ///
    /// - Throws: ``CodingError/overflow(capacity:)`` if they do not fit.
    @inlinable @_lifetime(self: copy self)
    public mutating func writeUInt24(_ value: UInt32) throws(CodingError) {
        try write(UInt16(truncatingIfNeeded: value))
        try write(UInt8(truncatingIfNeeded: value >> 16))
    }

    /// Appends all bytes of `bytes`.
    ///
    /// - Throws: ``CodingError/overflow(capacity:)`` if they do not fit.
    @inlinable @_lifetime(self: copy self)
    public mutating func write<let capacity: Int>(_ bytes: InlineBytes<capacity>) throws(CodingError) {
        guard output.freeCapacity >= bytes.count else { throw .overflow(capacity: output.capacity) }
        for index in 0..<bytes.count {
            output.append(bytes[index])
        }
    }

    /// Appends `count` copies of `byte`.
    ///
    /// - Throws: ``CodingError/overflow(capacity:)`` if they do not fit.
    @inlinable @_lifetime(self: copy self)
    public mutating func write(repeating byte: UInt8, count: Int) throws(CodingError) {
        guard output.freeCapacity >= count else { throw .overflow(capacity: output.capacity) }
        for _ in 0..<count {
            output.append(byte)
        }
    }

    /// Hands the underlying span back, with what was written.
    @inlinable @_lifetime(copy self)
    public consuming func finish() -> OutputRawSpan { output }
}
