import ByteCoding
import MeshWire
import Testing

/// The bytes of a text of digit pairs, with blanks anywhere.
func bytes(_ text: String) throws -> [UInt8] {
    try #require(Hex.decode(text.filter { $0 != " " }))
}

/// A buffer of a text of digit pairs.
func inline<let capacity: Int>(_ text: String) throws -> InlineBytes<capacity> {
    InlineBytes(try bytes(text))
}
