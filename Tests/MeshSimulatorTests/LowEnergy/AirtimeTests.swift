import MeshCore
import Testing

@testable import MeshSimulator

/// Figures of the specification, and the bricks that the air is made of.
@Suite struct AirtimeTests {
    @Test func packetsTakeWhatTheSpecificationSays() {
        // ADV_IND with 31 bytes of data, CONNECT_IND, an empty packet, a full one of 27 and of 251 bytes.
        #expect(Airtime.packet(Airtime.advertiserAddress + 31) == 376_000)
        #expect(Airtime.packet(Airtime.connectIndication) == 352_000)
        #expect(Airtime.packet(0) == 80_000)
        #expect(Airtime.packet(27) == 296_000)
        #expect(Airtime.packet(251) == 2_088_000)
    }

    @Test func channelsLieWhereTheSpecificationPutsThem() {
        #expect([37, 38, 39, 0, 10, 11, 36].map(RadioChannel.megahertz) == [2402, 2426, 2480, 2404, 2424, 2428, 2478])
        #expect(Set((0..<RadioChannel.count).map(RadioChannel.megahertz)).count == 40)
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func drawsAreUniformAndNormal(seed: UInt64) {
        let draws = AirDraws(seed: seed)
        var buckets = [Int](repeating: 0, count: 16)
        var (sum, squares) = (0.0, 0.0)
        let count = 64_000
        for number in 0..<count {
            let word = draws.word(.fading, 3, number % 40, at: UInt64(number / 40))
            buckets[Int(AirDraws.uniform(word, below: 16))] += 1
            let deviate = Double(AirDraws.normal(word, deviation: 2_000))
            sum += deviate
            squares += deviate * deviate
        }
        // Chi-squared with 15 degrees of freedom is above 45 in fewer than one case in 10,000.
        let expected = Double(count) / 16
        let chi = buckets.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        #expect(chi < 45, "seed \(seed)")
        #expect(abs(sum / Double(count)) < 5 * 2_000 / Double(count).squareRoot(), "seed \(seed)")
        #expect(abs((squares / Double(count)).squareRoot() / 2_000 - 1) < 0.02, "seed \(seed)")
    }

    @Test func drawsOfOnePairDoNotDependOnOthers() {
        let draws = AirDraws(seed: 5)
        #expect(draws.word(.fading, 1, 2, at: 7) == draws.word(.fading, 1, 2, at: 7))
        let words = Set([
            draws.word(.fading, 1, 2, at: 7), draws.word(.fading, 2, 1, at: 7), draws.word(.fading, 1, 2, at: 8),
            draws.word(.reception, 1, 2, at: 7), AirDraws(seed: 6).word(.fading, 1, 2, at: 7),
        ])
        #expect(words.count == 5)
    }
}
