import ByteCoding
import Testing

/// Numbers of as many bytes as they need.
@Suite struct VarintTests {
    private static func written(_ value: UInt64) throws -> [UInt8] {
        try InlineBytes<10> { (writer) throws(CodingError) in try writer.writeVarint(value) }.array
    }

    private static func read<Value: FixedWidthInteger & UnsignedInteger>(
        _ bytes: [UInt8],
        as type: Value.Type
    ) throws(CodingError) -> Value {
        var reader = ByteReader(bytes.span.bytes)
        let value = try reader.readVarint(type)
        try reader.expectEnd()
        return value
    }

    @Test(
        arguments: [
            (0, [0]), (1, [1]), (127, [127]), (128, [0x80, 1]), (300, [0xAC, 2]), (16_383, [0xFF, 0x7F]),
            (UInt64.max, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
        ] as [(UInt64, [UInt8])]
    )
    func numbersAreWrittenLikeThis(value: UInt64, bytes: [UInt8]) throws {
        #expect(try Self.written(value) == bytes)
        #expect(try Self.read(bytes, as: UInt64.self) == value)
        for count in 0..<bytes.count {
            #expect(throws: CodingError.self) { try Self.read(Array(bytes.prefix(count)), as: UInt64.self) }
        }
    }

    @Test func everyPowerOfTwoComesBack() throws {
        for shift in 0..<64 as Range<UInt64> {
            for value in [1 << shift, (1 << shift) - 1, 1 << shift | 1] as [UInt64] {
                #expect(try Self.read(Self.written(value), as: UInt64.self) == value)
            }
        }
    }

    @Test(
        arguments: [
            [0x80, 0], [0xFF, 0x80, 0], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2],
            [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
        ] as [[UInt8]]
    )
    func longerFormsAndGreaterNumbersAreRefused(bytes: [UInt8]) {
        #expect(throws: CodingError.self) { try Self.read(bytes, as: UInt64.self) }
    }

    @Test func numbersThatDoNotFitTheTypeAreRefused() throws {
        #expect(try Self.read([0xFF, 1], as: UInt8.self) == 255)
        #expect(throws: CodingError.invalidField("varint", value: 256)) { try Self.read([0x80, 2], as: UInt8.self) }
    }
}
