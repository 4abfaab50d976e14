public import ByteCoding
public import MeshConfiguration
public import MeshCore
import MeshWire
import RadioFake
public import RadioPort

/// One run of a scenario: its nodes, its timeline, and what becomes of its expectations.
///
/// ```swift
/// var run = try ScenarioRun(scenario, seed: 7)
/// while !run.isOver {
///     run.step()
///     for occurrence in run.takeOccurrences() { print(occurrence.text) }
/// }
/// ```
///
/// Each step of the simulation is: what the timeline has for it, the turns of the nodes, then a look at every expectation that
/// is still open. So an expectation is decided in the step that decides it; the run goes on to its end nevertheless, except
/// after a violated invariant.
public struct ScenarioRun: Sendable {
    /// What is run.
    public let scenario: ScenarioFile
    /// The nodes and the air.
    public internal(set) var simulation: Simulation
    /// One verdict for each expectation, in the order of the file.
    public private(set) var verdicts: [ScenarioVerdict]
    /// The first instant at which every powered node had the same cluster id and counted all of them; nil before.
    public private(set) var formedAt: Instant?
    /// Longest path over handshaked links at ``formedAt``, in hops.
    public private(set) var treeDiameter: Int?
    /// Successful link-layer connections of any kind until ``formedAt``.
    public private(set) var linksUntilFormed: Int?

    /// Clusters whose size a failure tells.
    private static let sizesMax = 8
    /// Links that must not be are looked for that often.
    private static let linkLookPeriod: UInt64 = 100_000

    private var occurrences: [ScenarioOccurrence] = []
    /// Where the nodes stand at present.
    var sites: [Placement.Site] = []
    var obstacles = Obstacles()
    var walks: [WalkUnderWay] = []
    var nextStride = Instant.zero
    var forgers: [Forger] = []
    var forgeries: SeededGenerator
    /// What lasts for a time, with its end.
    var undoings: [(at: Instant, undoing: Undoing)] = []
    private var upcoming = 0
    private var wasFormed = false

    /// A run at time 0, all nodes just powered on.
    ///
    /// - Parameters:
    ///   - scenario: what to run.
    ///   - seed: takes the place of the scenario's own.
    ///   - options: how the nodes behave and how the run is watched, nil: as the scenario says and unwatched; what it
    ///     expects to hold always is checked in any case.
    /// - Throws: ``PlacementError/unconnected(generator:nodes:draws:)`` if the layout cannot be drawn.
    public init(
        _ scenario: ScenarioFile,
        seed: UInt64? = nil,
        options: Simulation.Options? = nil
    ) throws(PlacementError) {
        self.scenario = scenario
        let seed = seed ?? scenario.seed
        var options = options ?? Simulation.Options(scenario)
        for case .always(let invariants) in scenario.expectations {
            options.invariants.formUnion(invariants)
        }
        options.keepsBooks = true
        simulation = Simulation(placement: try Placement(scenario, seed: seed), seed: seed, options: options)
        if let traffic = scenario.traffic {
            simulation.startTraffic(period: traffic.periodMicroseconds, payload: traffic.bytes)
        }
        verdicts = scenario.expectations.map { ScenarioVerdict(expectation: $0) }
        sites = simulation.placement.sites
        forgeries = SeededGenerator(seed: seed, stream: Streams.adversaries)
        if !scenario.messages.isEmpty || scenario.timeline.contains(where: \.action.isSend) {
            simulation.courier = Courier(scenario.messages, seed: seed)
        }
    }

    // MARK: - State

    /// Simulated time: the start of the step that comes next.
    public var now: Instant { simulation.now }

    /// When the run ends, if no invariant is violated before.
    public var end: Instant { Instant(microseconds: scenario.durationMicroseconds) }

    /// Whether the end is reached or an invariant was violated.
    public var isOver: Bool { simulation.violation != nil || now >= end }

    /// Whether all expectations hold and nothing was violated; false as long as anything is open.
    public var isPassed: Bool { simulation.violation == nil && verdicts.allSatisfy { $0.passed == true } }

    /// How people call the node at an index; ids are unique within a network only.
    public func name(of index: Int) -> String {
        let site = simulation.placement.sites[index]
        return hasOneNetwork ? "\(site.id)" : "\(site.id) of network \(site.network)"
    }

    /// Whether all nodes belong to one network.
    public var hasOneNetwork: Bool {
        let sites = simulation.placement.sites
        return sites.first?.network == sites.last?.network
    }

    /// Takes what happened since this was last asked, oldest first.
    public mutating func takeOccurrences() -> [ScenarioOccurrence] {
        let taken = occurrences
        occurrences = []
        return taken
    }

    /// Takes the trace values since this was last asked, if the options want any.
    public mutating func takeTraces() -> Simulation.Traces {
        simulation.takeTraces()
    }

    /// Takes the inputs of recorded nodes since this was last asked, if the options want any.
    public mutating func takeInputs() -> ContiguousArray<NodeInput> { simulation.takeInputs() }

    /// Takes what radios told their nodes since this was last asked, if the options want it.
    public mutating func takeRadioEvents() -> ContiguousArray<(at: Instant, node: Int, event: RadioEvent)> {
        simulation.takeRadioEvents()
    }

    /// Takes the messages that reached nodes since this was last asked, if the options want any.
    public mutating func takeDeliveries() -> ContiguousArray<(at: Instant, node: Int, message: InlineBytes<200>)> {
        simulation.takeDeliveries()
    }

    /// Tells a node something from outside, between two steps; nothing if it has no power.
    public mutating func feed(_ input: Input, to index: Int) { simulation.feed(input, to: index) }

    // MARK: - Running

    /// Runs to a time, at most to the end.
    public mutating func run(until instant: Instant) {
        while !isOver, now < instant {
            step()
        }
    }

    /// Runs one step; nothing if the run is over.
    public mutating func step() {
        guard !isOver else { return }
        let start = now
        while upcoming < scenario.timeline.count,
            scenario.timeline[upcoming].atMicroseconds <= start.microseconds
        {
            carryOut(scenario.timeline[upcoming], at: start)
            upcoming += 1
        }
        undo(at: start)
        goOn(at: start)
        simulation.advanceTraffic()
        sendMessages()
        simulation.step()
        noteFormation(at: start)
        judge(at: start)
    }

    private mutating func sendMessages() {
        let now = now
        guard let due = simulation.courier?.takeDue(at: now), !due.isEmpty, var courier = simulation.courier
        else { return }
        // Nothing arrives while it sends: a message needs a step for its first hop.
        simulation.courier = nil
        for workload in due {
            for sender in indices(of: workload.from, where: { $0.isPowered[$1] && $0.isMember[$1] }) {
                courier.send(workload, from: sender, in: &simulation)
            }
        }
        simulation.courier = courier
    }

    private mutating func noteFormation(at now: Instant) {
        let isFormed = simulation.isOneCluster
        guard isFormed != wasFormed else { return }
        wasFormed = isFormed
        if isFormed {
            let nodes = Self.count(simulation.memberCount, "node")
            note(hasOneNetwork ? "one cluster of \(nodes)" : "each network is one cluster, \(nodes) in all", at: now)
            if formedAt == nil {
                formedAt = now
                treeDiameter = simulation.tree.diameter
                linksUntilFormed = simulation.linksMade
            }
        } else {
            note("no longer one cluster", at: now)
        }
    }

    mutating func note(_ text: String, nodes: [Int] = [], at now: Instant) {
        occurrences.append(ScenarioOccurrence(at: now, nodes: nodes, text: text))
    }

    // MARK: - Expectations

    private mutating func judge(at now: Instant) {
        for index in verdicts.indices where verdicts[index].outcome == .undecided {
            verdicts[index].outcome = outcome(of: verdicts[index].expectation, at: now)
        }
    }

    private func outcome(of expectation: Expectation, at now: Instant) -> ScenarioVerdict.Outcome {
        switch expectation {
        case .formedBy(let microseconds):
            if wasFormed { return .passed(at: now) }
            return deadline(microseconds, at: now)
        case .healedWithin(let microseconds, let afterMicroseconds):
            guard now.microseconds >= afterMicroseconds else { return .undecided }
            if wasFormed, simulation.isCarried { return .passed(at: now) }
            return deadline(afterMicroseconds + microseconds, at: now)
        case .deliveredAtLeast(let percent):
            guard isOver, simulation.violation == nil else { return .undecided }
            guard let finding = trafficProblem(atLeast: percent) else { return .passed(at: end) }
            return .failed(ScenarioVerdict.Failure(at: end, nodes: [], finding: finding))
        case .messagesDelivered(let percent, let kind):
            guard isOver, simulation.violation == nil else { return .undecided }
            guard let figures = messages(of: kind) else { return failed("no message was sent") }
            guard figures.arrivedPercent < percent else { return .passed(at: end) }
            return failed("\(figures.arrived) of \(figures.expected) receptions came about")
        case .latencyWithin(let microseconds, let percent, let kind):
            guard isOver, simulation.violation == nil else { return .undecided }
            guard let latency = messages(of: kind)?.latency(percent: percent) else { return failed("nothing arrived") }
            guard latency > microseconds else { return .passed(at: end) }
            return failed("\(percent) % of what arrived needed up to \(Double(latency / 1000) / 1000) s")
        case .clusters(let count, let atMicroseconds):
            guard now.microseconds >= atMicroseconds else {
                return isOver ? failed("the run was too short") : .undecided
            }
            let clusters = simulation.clusters
            guard clusters.count != count else { return .passed(at: now) }
            let sizes = clusters.prefix(Self.sizesMax).map { String($0.nodes.count) }.joined(separator: ", ")
            let finding = "\(Self.count(clusters.count, "cluster")) of \(sizes) nodes"
            return .failed(ScenarioVerdict.Failure(at: now, nodes: [], finding: finding))
        case .neverLinked(let nodes):
            // A link takes longer to come up, and to be given up again.
            let isTimeToLook = now.microseconds % Self.linkLookPeriod < simulation.now.microseconds(since: now)
            if isTimeToLook, let failure = linkProblem(of: nodes, at: now) { return .failed(failure) }
            return isOver && simulation.violation == nil ? .passed(at: end) : .undecided
        case .linksLostAtMost(let most):
            let lost = (simulation.ledger?.linksLost ?? 0) / 2
            if lost > most {
                return .failed(ScenarioVerdict.Failure(at: now, nodes: [], finding: "\(lost) links lost"))
            }
            return isOver && simulation.violation == nil ? .passed(at: end) : .undecided
        case .currentAtMost(let microamperes):
            guard isOver, simulation.violation == nil else { return .undecided }
            let mean = radio?.meanMicroamperes ?? 0
            guard mean > microamperes else { return .passed(at: end) }
            return failed("\(Int(mean.rounded())) uA on average, as the model has it")
        case .always(let invariants):
            if let violation = simulation.violation, invariants.contains(violation.invariant) {
                return .failed(ScenarioVerdict.Failure(at: violation.at, nodes: [], finding: violation.text))
            }
            return isOver && simulation.violation == nil ? .passed(at: end) : .undecided
        }
    }

    /// What became of the traffic; nil if there is none.
    public var delivery: DeliveryFigures? { simulation.traffic.map { DeliveryFigures($0.figures) } }

    /// What became of the messages of a kind, nil: of all kinds; nil if none was sent.
    public func messages(of kind: WorkloadKind? = nil) -> MessageFigures? { simulation.courier?.figures(of: kind) }

    /// What the radios have spent so far, and what became of their links.
    public var radio: RadioFigures? { simulation.ledger?.figures(at: now) }

    /// A failure that was certain at the end only.
    private func failed(_ finding: String) -> ScenarioVerdict.Outcome {
        .failed(ScenarioVerdict.Failure(at: end, nodes: [], finding: finding))
    }

    /// Whether one of some nodes has a mesh link that both ends take for good, or, if it does not run, that the other takes for
    /// good.
    private func linkProblem(of ids: [NodeID], at now: Instant) -> ScenarioVerdict.Failure? {
        let watched = ids.compactMap { simulation.index(of: $0) }
        let addresses = watched.map { Simulation.address(of: $0) }
        for index in simulation.nodes.indices where simulation.isPowered[index] {
            for position in 0..<simulation.nodes[index].linkCount {
                let view = simulation.nodes[index].linkView(position)
                guard view.kind == .mesh, view.state == .handshakeDone else { continue }
                guard let place = addresses.firstIndex(of: view.address) else { continue }
                let finding = "node \(name(of: index)) has a link to node \(name(of: watched[place]))"
                return ScenarioVerdict.Failure(at: now, nodes: [], finding: finding)
            }
        }
        return nil
    }

    /// What is wrong with the traffic, nil if all is well.
    private func trafficProblem(atLeast percent: Double) -> String? {
        guard let figures = simulation.traffic?.figures else { return "there was no traffic" }
        if figures.lost + figures.repeated + figures.overtaken > 0 {
            return
                "of \(figures.carried) messages whose path stayed up, \(figures.lost) were lost, \(figures.repeated) repeated, "
                + "\(figures.overtaken) overtaken"
        }
        guard figures.share * 100 < percent else { return nil }
        return "\(figures.delivered) of \(figures.sent) messages were delivered"
    }

    /// Whether the last step at which an expectation could come true is over; the end of the run is one, too.
    private func deadline(_ microseconds: UInt64, at now: Instant) -> ScenarioVerdict.Outcome {
        guard self.now.microseconds > microseconds || isOver else { return .undecided }
        guard simulation.violation == nil else { return .undecided }
        return .failed(failure(at: Instant(microseconds: min(microseconds, end.microseconds))))
    }

    /// Why the powered nodes are not one cluster.
    private func failure(at instant: Instant) -> ScenarioVerdict.Failure {
        let clusters = simulation.clusters
        var networks: Set<NetworkID> = []
        // The biggest cluster of a network comes first: who is in it is not to blame.
        let outside = clusters.filter { !networks.insert($0.network).inserted }.flatMap(\.nodes).sorted()
        let finding: String
        if clusters.isEmpty {
            finding = "no node is on"
        } else if !outside.isEmpty {
            let sizes = clusters.prefix(Self.sizesMax).map { String($0.nodes.count) }.joined(separator: ", ")
            let biggest = clusters.count > Self.sizesMax ? ", the biggest" : ""
            finding = "\(clusters.count) clusters\(biggest) of \(sizes) nodes"
        } else if wasFormed {
            finding = "one cluster, but not all of its links carry"
        } else {
            finding = "one cluster, but not every node counts all the others"
        }
        return ScenarioVerdict.Failure(at: instant, nodes: outside, finding: finding)
    }

    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// At most ten of some words, and how many more there are.
    static func list(_ words: [String]) -> String {
        let shown = words.prefix(10).joined(separator: ", ")
        return words.count > 10 ? shown + " and \(words.count - 10) more" : shown
    }
}

extension Simulation {
    /// Number of nodes that have power.
    public var poweredCount: Int { isPowered.count(where: \.self) }

    /// Whether there are powered nodes and all are one cluster, as far as they know.
    var isOneCluster: Bool { isFormed && isPowered.contains(true) }

    /// Whether, in a formed network, what holds it together are links that carry, and not links that nobody misses yet.
    ///
    /// Links form a forest, so that their number tells whether they connect all.
    var isCarried: Bool {
        let networks = Set(nodes.indices.filter { formation.isCounted($0) }.map { placement.sites[$0].network })
        return tree.edges.count == formation.counted - networks.count
    }
}
