import ByteCoding
import Testing

@Suite
struct ByteReaderTests {
    /// Runs `body` on a reader over `bytes`.
    private func read<Value>(
        _ bytes: [UInt8],
        _ body: (inout ByteReader) throws(CodingError) -> Value
    ) throws(CodingError) -> Value {
        try InlineBytes<64>(bytes).withBytes { (span) throws(CodingError) in
            var reader = ByteReader(span)
            return try body(&reader)
        }
    }

    @Test
    func integersAreLittleEndian() throws {
        let values = try read([0x01, 0x02, 0x03, 0xFF, 0x04, 0x05, 0x06, 0x07, 0x80, 0x01, 0x02, 0x03]) {
            (reader) throws(CodingError) in
            (
                try reader.read(UInt8.self), try reader.read(UInt16.self), try reader.read(Int8.self),
                try reader.read(UInt32.self), try reader.read(Int8.self), try reader.readUInt24()
            )
        }
        #expect(values == (1, 0x0302, -1, 0x0706_0504, -128, 0x03_0201))
    }

    @Test
    func readingPastTheEndThrowsAndConsumesNothing() throws {
        let remaining = try read([1, 2, 3]) { (reader) throws(CodingError) in
            do throws(CodingError) {
                _ = try reader.read(UInt32.self)
            } catch {
                guard error == .truncated(needed: 4, available: 3) else { throw error }
            }
            return reader.remaining
        }
        #expect(remaining == 3)
        #expect(throws: CodingError.truncated(needed: 3, available: 2)) {
            try read([1, 2]) { (reader) throws(CodingError) in try reader.readUInt24() }
        }
        #expect(throws: CodingError.truncated(needed: 3, available: 2)) {
            try read([1, 2]) { (reader) throws(CodingError) in try reader.skip(3) }
        }
        #expect(throws: CodingError.truncated(needed: -1, available: 2)) {
            try read([1, 2]) { (reader) throws(CodingError) in try reader.skip(-1) }
        }
    }

    @Test
    func bytesAreBoundedByTheirBuffer() throws {
        #expect(throws: CodingError.overflow(capacity: 2)) {
            try read([1, 2, 3]) { (reader) throws(CodingError) in try reader.readRest(as: InlineBytes<2>.self) }
        }
        let (some, position) = try read([1, 2, 3]) { (reader) throws(CodingError) in
            (try reader.readAvailable(as: InlineBytes<2>.self), reader.position)
        }
        #expect(some.array == [1, 2])
        #expect(position == 2)
    }

    @Test
    func trailingBytesAreReported() {
        #expect(throws: CodingError.trailingBytes(count: 2)) {
            try read([1, 2]) { (reader) throws(CodingError) in try reader.expectEnd() }
        }
    }
}
