/// Exactly `size` bytes stored in place: keys, reserved fields, texts of fixed width.
@frozen
public struct FixedBytes<let size: Int>: WireMessage {
    @usableFromInline var bytes: InlineBytes<size>

    /// `size` copies of `byte`.
    @inlinable
    public init(repeating byte: UInt8 = 0) {
        bytes = InlineBytes()
        for _ in 0..<size {
            bytes.append(byte)
        }
    }

    /// The first `size` bytes of a sequence, filled up with zeros if it is shorter.
    @inlinable
    public init(padding source: some Sequence<UInt8>) {
        self.init()
        for (index, byte) in source.prefix(size).enumerated() {
            bytes[index] = byte
        }
    }

    /// A copy of exactly `size` bytes; nil for any other number.
    @inlinable
    public init?(_ source: some Collection<UInt8>) {
        guard source.count == size else { return nil }
        self.init(padding: source)
    }

    /// Decodes `size` bytes.
    @inlinable
    public init(from reader: inout ByteReader) throws(CodingError) {
        bytes = try reader.readBytes(size)
    }

    /// Encodes `size` bytes.
    @inlinable
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(bytes)
    }

    /// The byte at `index`, 0..<size.
    @inlinable
    public subscript(index: Int) -> UInt8 {
        get { bytes[index] }
        set { bytes[index] = newValue }
    }

    /// Whether every byte is `byte`.
    public func isAll(_ byte: UInt8) -> Bool {
        for index in 0..<size where bytes[index] != byte {
            return false
        }
        return true
    }

    /// All bytes as an array, for tests and for text.
    public var array: [UInt8] { bytes.array }
}

extension FixedBytes: CustomStringConvertible {
    /// Lower-case hexadecimal, two digits a byte.
    public var description: String { bytes.description }
}
