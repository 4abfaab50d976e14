import ByteCoding
@testable import MeshCore
import Testing

@Suite struct EntropyPoolTests {
    private let bytes = InlineBytes<32>(0..<32)

    @Test func anEmptyPoolRefuses() {
        var pool = EntropyPool()
        #expect(pool.drawNonce() == nil)
        pool.add(InlineBytes(0..<7))
        #expect(pool.drawNonce() == nil)
    }

    @Test func everyByteIsGivenOutOnce() throws {
        var pool = EntropyPool()
        pool.add(bytes)
        pool.add(bytes)
        let nonces = (0..<5).map { _ in pool.drawNonce() }
        #expect(nonces[0] == AccessNonce(first: 0x0302_0100, second: 0x0706_0504))
        #expect(nonces[3] == AccessNonce(first: 0x1B1A_1918, second: 0x1F1E_1D1C))
        #expect(nonces[4] == nil)
    }

    @Test func aPoolBelowHalfIsLow() {
        var pool = EntropyPool()
        #expect(pool.isLow)
        pool.add(bytes)
        #expect(!pool.isLow)
        _ = pool.drawNonce()
        _ = pool.drawNonce()
        #expect(!pool.isLow)
        _ = pool.drawNonce()
        #expect(pool.isLow)
    }

    @Test func aNodeAsksForBytesWhenItBoots() {
        #expect(NodeHarness(2).entropyRequests == 1)
    }
}
