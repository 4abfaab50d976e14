import MeshControl
import Testing

@testable import thicket

/// Percentiles as the contract has them: by linear interpolation.
@Suite struct DistributionTests {
    @Test func percentilesLieBetweenTheNearestFigures() throws {
        let figures = try #require(Distribution([4, 1, 3, 2]))
        #expect(figures.median == 2.5)
        #expect(abs(figures.p10 - 1.3) < 1e-12)
        #expect(abs(figures.p90 - 3.7) < 1e-12)
        #expect(figures.min == 1 && figures.max == 4 && figures.mean == 2.5)
    }

    @Test func oneFigureIsEveryPercentile() throws {
        let figures = try #require(Distribution([15.65]))
        #expect(figures.median == 15.65 && figures.p10 == 15.65 && figures.p90 == 15.65 && figures.mean == 15.65)
    }

    @Test func nothingHasNoDistribution() {
        #expect(Distribution([]) == nil)
        let object: JSONObject = ["formed_s": Distribution.json(nil)]
        #expect(
            object.line == #"{"formed_s":{"median":null,"p10":null,"p90":null,"min":null,"max":null,"mean":null}}"#
        )
    }

    @Test func elevenFiguresHaveExactDeciles() throws {
        let figures = try #require(Distribution((0...10).map(Double.init)))
        #expect(figures.p10 == 1 && figures.median == 5 && figures.p90 == 9)
    }
}
