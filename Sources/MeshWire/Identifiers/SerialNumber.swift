public import ByteCoding

/// The number a device is sold under, as an index and as printed text (protocol §1.5).
///
/// The text is base 30, most significant symbol first, with the symbols `BCDFGHJKLMNPQRSTVWXYZ123456789`.
@frozen
public struct SerialNumber: RawRepresentable, Hashable, Comparable, Sendable {
    /// The index.
    public var rawValue: UInt32

    /// The serial number with index `rawValue`.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The serial number with index `index`.
    @inlinable
    public init(_ index: UInt32) { rawValue = index }

    /// Compares by index.
    @inlinable
    public static func < (left: SerialNumber, right: SerialNumber) -> Bool { left.rawValue < right.rawValue }

    /// What an unreadable text stands for.
    public static let invalid = SerialNumber(0xFFFF_FFFF)
    /// Indexes of the open testing range, FMBBB...FM999.
    public static let testing: ClosedRange<UInt32> = 2_673_000...2_699_999

    private static let radix: UInt32 = 30
    /// The first index that needs 7 symbols: 30 to the 5th.
    private static let longFrom: UInt32 = 24_300_000
    private static let symbols: InlineArray<30, UInt8> = [
        0x42, 0x43, 0x44, 0x46, 0x47, 0x48, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x50, 0x51, 0x52, 0x53,
        0x54, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39,
    ]

    /// The serial number that a text of any length stands for; the empty text is 0, a leading `A` is ignored.
    ///
    /// Texts beyond 32 bits wrap around.
    ///
    /// - Throws: `CodingError/invalidField(_:value:)` with the first byte outside the alphabet. Existing nodes then go on
    ///   with ``invalid``.
    public init(parsing text: some StringProtocol) throws(CodingError) {
        var index: UInt32 = 0
        for (position, character) in text.utf8.enumerated() {
            if position == 0 && character == UInt8(ascii: "A") { continue }
            guard let value = Self.value(of: character) else {
                throw .invalidField("serialNumber", value: UInt64(character))
            }
            index = index &* Self.radix &+ value
        }
        rawValue = index
    }

    /// The printed form: 5 symbols below 24,300,000, else 7.
    public var text: String {
        var characters = [UInt8](repeating: Self.symbols[0], count: rawValue < Self.longFrom ? 5 : 7)
        var rest = rawValue
        for position in characters.indices.reversed() {
            characters[position] = Self.symbols[Int(rest % Self.radix)]
            rest /= Self.radix
        }
        return String(decoding: characters, as: UTF8.self)
    }

    private static func value(of character: UInt8) -> UInt32? {
        for position in symbols.indices where symbols[position] == character {
            return UInt32(position)
        }
        return nil
    }
}

extension SerialNumber: PackedElement {
    /// Bytes of the encoded form.
    public static let encodedSize = 4

    /// Decodes the index.
    public init(from reader: inout ByteReader) throws(CodingError) {
        rawValue = try reader.read()
    }

    /// Encodes the index.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(rawValue)
    }
}

extension SerialNumber: CustomStringConvertible {
    /// The printed form.
    public var description: String { text }
}
