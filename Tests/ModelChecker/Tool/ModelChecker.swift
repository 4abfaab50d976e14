import ArgumentParser
import MeshCore
import ModelChecking

#if canImport(Glibc)
    import Glibc
#endif

@main
struct ModelChecker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ModelChecker",
        abstract: "Explores every order of events of a few real nodes and checks the invariants in each state.",
        discussion: """
            Exit code 0: nothing found. 1: a rule was broken; the shortest way there is printed. 2: stopped at a limit.
            """
    )

    @Option(help: "Nodes, 2 to 4.") var nodes = 3
    @Option(help: "Crashes, broken links and hang-ups together.") var faults = 1
    @Option(help: "Connects at any moment between any two nodes; \"inf\" for no limit.") var connects = "4"
    @Option(help: "Voluntary acts of roots.") var acts = 0
    @Option(help: "Advertisements heard as they are; \"inf\" for no limit.") var hearings = "0"
    @Option(help: "Rule to break: \(Variant.allCases.map(\.rawValue).joined(separator: ", ")).") var variant = "correct"
    @Option(help: "classic or graft.") var mode = "graft"
    @Flag(help: "Lost links are lost at once, not re-established.") var noSuspension = false
    @Flag(help: "Crashes never lose the stored state.") var noForgetting = false
    @Flag(help: "Of two nodes only one connects, always the same.") var oneWay = false
    @Flag(help: "No connect while either node has an older link to the other.") var singleLinks = false
    @Option(help: "Ranks at the start, such as 4 or 4,5,5.") var ranks = "1"
    @Option(help: "Links made before the search begins, such as 1-3,2-3.") var opening = ""
    @Option(help: "Stop at so many states.") var stateLimit: Int?
    @Option(help: "Stop after so many seconds.") var timeLimit: Double?
    @Option(help: "Rules that end the search; all if none is named.") var find: [String] = []
    @Flag(help: "Whether every run ends in one cluster, too.") var liveness = false
    @Flag(help: "Print progress to standard error.") var progress = false

    mutating func run() throws {
        var model = Model()
        model.nodes = nodes
        model.faults = faults
        model.connects = connects == "inf" ? nil : Int(connects)
        model.acts = acts
        model.hearings = hearings == "inf" ? nil : Int(hearings)
        guard let clustering = ClusteringMode(rawValue: mode) else { throw ValidationError("unknown mode \(mode)") }
        guard let variant = Variant(rawValue: variant) else { throw ValidationError("unknown variant \(self.variant)") }
        guard 2...4 ~= nodes else { throw ValidationError("2 to 4 nodes") }
        model.clustering = clustering
        model.plantedFaults = variant.faults
        model.suspends = !noSuspension
        model.connectsOneWay = oneWay
        model.forgets = !noForgetting
        model.connectsTwice = !singleLinks
        model.ranks = ranks.split(separator: ",").compactMap { UInt32($0) }
        guard !model.ranks.isEmpty else { throw ValidationError("no ranks") }
        for pair in opening.split(separator: ",") {
            let ends = pair.split(separator: "-").compactMap { UInt8($0) }
            guard ends.count == 2, ends.allSatisfy({ 1...nodes ~= Int($0) }) else {
                throw ValidationError("no link: \(pair)")
            }
            model.opening.append((ends[0], ends[1]))
        }
        let isTelling = progress
        var search = Search(model, limits: SearchLimits(states: stateLimit, seconds: timeLimit)) { line in
            guard isTelling else { return }
            let bytes = Array((line + "\n").utf8)
            _ = write(STDERR_FILENO, bytes, bytes.count)
        }
        search.checksEnds = liveness
        if !find.isEmpty { search.sought = Set(find.compactMap { Violation(rawValue: $0) }) }
        let result = search.run()
        for line in Replay.lines(of: result, in: model) where result.violation != nil { print(line) }
        let outcome = result.violation?.text ?? "no violation"
        let rate = Int(Double(result.transitions) / result.seconds)
        let columns = [
            liveness ? "liveness" : "safety", variant.text, model.summary,
            result.isComplete ? "complete" : "stopped", "\(result.states) states", "depth \(result.depth)",
            "\(Int(result.seconds.rounded())) s (\(rate)/s)", outcome,
        ]
        print(columns.joined(separator: " | "))
        if result.violation != nil { throw ExitCode(1) }
        if !result.isComplete { throw ExitCode(2) }
    }
}
