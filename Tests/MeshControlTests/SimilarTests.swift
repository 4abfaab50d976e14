import TestSupport
import Testing

@testable import MeshControl

@Suite struct SimilarTests {
    private static func slips(_ one: String, _ two: String) -> Int {
        Similar.slips(from: Array(one.utf8), to: Array(two.utf8))
    }

    @Test func slipsAreLettersLeftOutAddedMistakenOrSwapped() {
        #expect(Self.slips("", "abc") == 3)
        #expect(Self.slips("kitten", "sitting") == 3)
        #expect(Self.slips("abc", "abc") == 0)
        #expect(Self.slips("topolgoy", "topology") == 1)
        var random = SplitMix.announced("slipsAreLettersLeftOutAddedMistakenOrSwapped")
        for _ in 0..<200 {
            let words = (0..<2).map { _ in
                String((0..<random.below(6)).map { _ in "ab".randomElement(using: &random) ?? "a" })
            }
            let slips = Self.slips(words[0], words[1])
            #expect(slips == Self.slips(words[1], words[0]))
            #expect((slips == 0) == (words[0] == words[1]))
            #expect(slips >= abs(words[0].count - words[1].count))
            #expect(slips <= max(words[0].count, words[1].count))
        }
    }

    @Test func theClosestTakesTheFewestSlips() {
        #expect(Similar.word(to: "13", among: ["7", "113", "12"]) == "113")
        #expect(Similar.word(to: "13", among: []) == nil)
        #expect(Similar.number(to: 31, among: [32, 13]) == 32)
        #expect(Similar.number(to: 112, among: [1, 11, 12, 200]) == 12)
        #expect(Similar.number(to: 71, among: [17, 30]) == 17)
        #expect(Similar.number(to: 71, among: []) == nil)
    }
}
