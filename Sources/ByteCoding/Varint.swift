extension ByteReader {
    /// Reads an unsigned number of 1 to 10 bytes, seven bits each, the low ones first; the top bit says that more follow.
    ///
    /// - Throws: ``CodingError/truncated(needed:available:)`` if its end is missing,
    ///   ``CodingError/invalidField(_:value:)`` if it does not fit, or if it could be shorter.
    @inlinable
    public mutating func readVarint<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type = Value.self
    ) throws(CodingError) -> Value {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try read(UInt8.self)
            guard shift < 63 || byte <= 1 else { throw .invalidField("varint", value: UInt64(byte)) }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 {
                guard byte > 0 || shift == 0 else { throw .invalidField("varint", value: value) }
                break
            }
            shift += 7
        }
        guard let result = Value(exactly: value) else { throw .invalidField("varint", value: value) }
        return result
    }
}

extension ByteWriter {
    /// Appends an unsigned number as ``ByteReader/readVarint(_:)`` reads it.
    ///
    /// - Throws: ``CodingError/overflow(capacity:)`` if it does not fit.
    @inlinable @_lifetime(self: copy self)
    public mutating func writeVarint(_ value: some FixedWidthInteger & UnsignedInteger) throws(CodingError) {
        var rest = UInt64(value)
        while rest > 0x7F {
            try write(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        try write(UInt8(truncatingIfNeeded: rest))
    }
}
