/// A value whose encoded form has always the same size and whose every bit pattern is a value.
public protocol PackedElement: WireMessage {
    /// Bytes of the encoded form, at least 1.
    static var encodedSize: Int { get }
}

extension UInt32: PackedElement {
    /// Bytes of the encoded form.
    public static let encodedSize = 4

    /// Decodes little-endian.
    public init(from reader: inout ByteReader) throws(CodingError) {
        self = try reader.read()
    }

    /// Encodes little-endian.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(self)
    }
}
