import MeshCore
import ModelChecking
import Testing

/// Small searches over real nodes; `swift run -c release ModelChecker` runs big ones.
@Suite struct ModelCheckerTests {
    /// Three nodes whose ranks no cluster reaches, each pair connecting in one way only: the smallest space that has all there is.
    static func model(faults: Int, connects: Int?) -> Model {
        var model = Model()
        model.faults = faults
        model.connects = connects
        model.suspends = false
        model.forgets = false
        model.connectsTwice = false
        model.connectsOneWay = true
        model.ranks = [4]
        return model
    }

    /// Where each broken rule is found, and by which invariant.
    struct Planted: Sendable, CustomTestStringConvertible {
        var variant: Variant
        var violation: Violation
        var steps: Int
        var ranks: [UInt32] = [4, 5, 5]
        var opening: [(UInt8, UInt8)] = []
        var nodes = 3
        var connects = 2
        var testDescription: String { variant.text }

        var model: Model {
            var model = ModelCheckerTests.model(faults: 1, connects: connects)
            model.nodes = nodes
            model.ranks = ranks
            model.opening = opening.map { (from: $0.0, to: $0.1) }
            model.plantedFaults = variant.faults
            return model
        }
    }

    static let planted = [
        Planted(variant: .nonroot, violation: .twoUpward, steps: 5),
        Planted(variant: .noorder, violation: .rootIsSmaller, steps: 2),
        Planted(
            variant: .noepoch,
            violation: .equalKeys,
            steps: 9,
            ranks: [5],
            opening: [(1, 3), (2, 3)],
            nodes: 4,
            connects: 1
        ),
        Planted(variant: .twotokens, violation: .twoParents, steps: 5, opening: [(3, 1)], connects: 1),
        Planted(variant: .lowfresh, violation: .rootIsSmaller, steps: 8),
        Planted(variant: .keepeng, violation: .rootIsSmaller, steps: 7),
    ]

    @Test(arguments: planted) func brokenRuleIsFound(_ planted: Planted) {
        var search = Search(planted.model)
        let result = search.run()
        #expect(result.violation == planted.violation)
        #expect(result.trace.count == planted.steps)
        let lines = Replay.lines(of: result, in: planted.model)
        #expect(lines.last == "      ==> \(planted.violation.text)")
        #expect(Replay.violation(after: result.trace, in: planted.model) == planted.violation)
    }

    @Test(arguments: planted) func sameBoundsWithoutTheFaultAreClean(_ planted: Planted) {
        var model = planted.model
        model.plantedFaults = []
        var search = Search(model, limits: SearchLimits(states: 3_000))
        #expect(search.run().violation == nil)
    }

    @Test func threeNodesKeepEveryInvariant() {
        var search = Search(Self.model(faults: 1, connects: 1))
        let result = search.run()
        #expect(result.isComplete)
        #expect(result.violation == nil)
    }

    @Test func twoNodesKeepEveryInvariantWhenLinksComeBack() {
        var model = Self.model(faults: 1, connects: 2)
        model.nodes = 2
        model.suspends = true
        model.forgets = true
        model.connectsTwice = true
        var search = Search(model)
        let result = search.run()
        #expect(result.isComplete)
        #expect(result.violation == nil)
    }

    /// The role goes there and back while the link breaks: what was not confirmed must not hand it over once more.
    @Test func roleIsNotHandedOverTwice() {
        var model = Self.model(faults: 1, connects: 0)
        model.nodes = 2
        model.acts = 2
        model.suspends = true
        model.connectsTwice = true
        model.opening = [(from: 2, to: 1)]
        var search = Search(model)
        let result = search.run()
        #expect(result.isComplete)
        #expect(result.violation == nil)
    }

    @Test func everyRunEndsInOneCluster() {
        var search = Search(Self.model(faults: 0, connects: 0))
        search.checksEnds = true
        let result = search.run()
        #expect(result.isComplete)
        #expect(result.violation == nil)
    }

    @Test func everyRunEndsInOneClusterAfterAFault() {
        var model = Self.model(faults: 1, connects: 2)
        model.nodes = 2
        model.suspends = true
        model.forgets = true
        var search = Search(model)
        search.checksEnds = true
        let result = search.run()
        #expect(result.isComplete)
        #expect(result.violation == nil)
    }

    @Test func classicNodesMeet() {
        var model = Self.model(faults: 0, connects: 1)
        model.nodes = 2
        model.clustering = .classic
        model.hearings = nil
        var search = Search(model)
        search.checksEnds = true
        let result = search.run()
        #expect(result.isComplete)
        #expect(result.violation == nil)
    }
}
