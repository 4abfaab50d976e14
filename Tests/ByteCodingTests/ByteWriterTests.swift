import ByteCoding
import Testing

@Suite
struct ByteWriterTests {
    @Test
    func integersAreLittleEndian() throws {
        let bytes = try InlineBytes<16> { (writer) throws(CodingError) in
            try writer.write(0x0201 as UInt16)
            try writer.write(-2 as Int8)
            try writer.writeUInt24(0xAA_060504)
            try writer.write(repeating: 9, count: 2)
            try writer.write(InlineBytes<4>([7, 8]))
        }
        #expect(bytes.array == [1, 2, 0xFE, 4, 5, 6, 9, 9, 7, 8])
    }

    @Test
    func whatDoesNotFitThrows() {
        #expect(throws: CodingError.overflow(capacity: 3)) {
            try InlineBytes<3> { (writer) throws(CodingError) in try writer.write(1 as UInt32) }
        }
        #expect(throws: CodingError.overflow(capacity: 3)) {
            try InlineBytes<3> { (writer) throws(CodingError) in try writer.write(repeating: 0, count: 4) }
        }
        #expect(throws: CodingError.overflow(capacity: 1)) {
            try InlineBytes<1> { (writer) throws(CodingError) in try writer.write(InlineBytes<4>([1, 2])) }
        }
    }
}
