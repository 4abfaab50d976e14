import MeshCore
import Testing

@testable import MeshSimulator

@Suite struct ReferenceRadioTests {
    @Test func thresholdReachesAsFarAsStated() {
        #expect(ReferenceRadio.rssi(dx: 31.6, dy: 0, dz: 0) == -85)
        #expect(ReferenceRadio.rssi(dx: 31.7, dy: 0, dz: 0) == -86)
        #expect(ReferenceRadio.rssi(dx: 1, dy: 0, dz: 0) == -56)
        #expect(ReferenceRadio.rssi(dx: 0, dy: 0, dz: 0) == -11)
        #expect(ReferenceRadio.rssi(dx: 50.1, dy: 0, dz: 0) == nil)
    }

    @Test func receptionClassesFollowTheModel() {
        let probabilities = [-59, -60, -79, -80, -84, -85, -89, -90].map {
            ReferenceRadio.receptionClass(rssi: Int8($0)).map { ReferenceRadio.tenths[Int($0)] }
        }
        #expect(probabilities == [9, 8, 8, 5, 5, 3, 3, nil])
    }

    /// 64 draws at a time must have the probability asked for: within five standard deviations of a million draws.
    @Test(arguments: [(63, 750), (56, 750), (35, 750), (1, 2), (1, 1), (0, 1)] as [(UInt64, UInt64)])
    func drawsHaveTheirProbability(numerator: UInt64, denominator: UInt64) {
        var random = SeededGenerator(seed: 7)
        let chance = Bernoulli(numerator, denominator)
        let draws = 16_384
        var hits = 0
        for _ in 0..<draws {
            hits += chance.draw64(&random, among: ~0).nonzeroBitCount
        }
        let total = Double(draws * 64)
        let probability = Double(numerator) / Double(denominator)
        let deviation = (total * probability * (1 - probability)).squareRoot()
        #expect(abs(Double(hits) - total * probability) <= 5 * deviation + 2)
    }

    /// Words that decide nothing are passed over: what comes true, and where the stream stands after, must not depend on that.
    @Test(arguments: [(63, 750), (56, 750), (35, 750), (21, 750), (1, 2), (1, 1), (0, 1)] as [(UInt64, UInt64)])
    func drawsAreThoseOfEveryDigit(numerator: UInt64, denominator: UInt64) {
        var masks = SeededGenerator(seed: 5)
        var random = SeededGenerator(seed: 11)
        var plain = random
        let chance = Bernoulli(numerator, denominator)
        let scaled = (numerator << 20) / denominator
        for _ in 0..<2000 {
            let wanted = masks.next() & masks.next()
            let hits = chance.draw64(&random, among: wanted)
            // A whole or an impossible one needs no word.
            var all: UInt64 = scaled == 1 << 20 ? ~0 : 0
            if scaled != 0, scaled != 1 << 20 {
                for digit in scaled.trailingZeroBitCount..<20 {
                    let bits = plain.next()
                    all = scaled >> UInt64(digit) & 1 == 1 ? all | bits : all & bits
                }
            }
            #expect(hits == all & wanted)
        }
        #expect(random.next() == plain.next())
    }

    @Test func uniformNumbersStayBelowTheirBound() {
        var random = SeededGenerator(seed: 3)
        for bound in [1, 2, 3, 7, 1000, UInt32.max] as [UInt32] {
            for _ in 0..<1000 {
                #expect(random.uniform(below: bound) < bound)
            }
        }
    }
}
