import ByteCoding
import Testing

@Suite
struct InlineBytesTests {
    @Test
    func contentsDecideEquality() {
        var left = InlineBytes<4>([1, 2])
        var right = InlineBytes<4>([1])
        #expect(left != right)
        right.append(2)
        #expect(left == right)
        left[1] = 3
        #expect(left != right)
        left.removeAll()
        #expect(left.isEmpty)
        #expect(left == InlineBytes<4>())
    }

    @Test
    func outOfBoundsIsAProgrammerError() async {
        await #expect(processExitsWith: .failure) { _ = InlineBytes<2>([1])[1] }
        await #expect(processExitsWith: .failure) { _ = InlineBytes<2>([1, 2, 3]) }
    }

    @Test
    func fixedBytesAlwaysHaveTheirSize() throws {
        #expect(FixedBytes<3>(padding: [1]).array == [1, 0, 0])
        #expect(FixedBytes<3>(padding: [1, 2, 3, 4]).array == [1, 2, 3])
        #expect(FixedBytes<3>([1, 2]) == nil)
        #expect(FixedBytes<3>([1, 2, 3])?.description == "010203")
        #expect(FixedBytes<3>(repeating: 0xFF).isAll(0xFF))
        #expect(!FixedBytes<3>(padding: [0, 0, 1]).isAll(0))
        #expect(throws: CodingError.truncated(needed: 3, available: 2)) { try FixedBytes<3>(bytes: [1, 2]) }
        #expect(try FixedBytes<3>(bytes: [1, 2, 3]).encoded(as: InlineBytes<8>.self).array == [1, 2, 3])
    }
}
