import ByteCoding
import Testing

@Suite
struct PackedListTests {
    @Test
    func elementsComeBackInOrder() throws {
        var list = PackedList<UInt32, 12>([1, 0xAABB_CCDD])
        #expect(Array(list) == [1, 0xAABB_CCDD])
        list.append(7)
        #expect(list.count == PackedList<UInt32, 12>.elementCountMax)
        #expect(list.last == 7)
        let encoded = try list.encoded(as: InlineBytes<64>.self)
        #expect(encoded.description == "01000000ddccbbaa07000000")
        #expect(try PackedList(bytes: encoded) == list)
    }

    @Test
    func bytesBehindTheLastElementAreKept() throws {
        let bytes: [UInt8] = [1, 0, 0, 0, 2, 0]
        let list = try PackedList<UInt32, 12>(bytes: bytes)
        #expect(Array(list) == [1])
        #expect(try list.encoded(as: InlineBytes<64>.self).array == bytes)
    }

    @Test
    func moreThanTheCapacityIsLeftToTheReader() throws {
        let bytes = [UInt8](repeating: 3, count: 20)
        #expect(try PackedList<UInt32, 12>(bytes: bytes).count == 3)
    }

    @Test
    func misuseIsAProgrammerError() async {
        await #expect(processExitsWith: .failure) { _ = PackedList<UInt32, 4>([1, 2]) }
        await #expect(processExitsWith: .failure) { _ = PackedList<UInt32, 4>([1])[1] }
    }
}
