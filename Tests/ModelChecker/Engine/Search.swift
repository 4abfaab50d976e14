import MeshCore

/// Bounds of a search that are not part of the model.
package struct SearchLimits: Sendable {
    /// Most states; nil: as many as there are.
    package var states: Int?
    /// Longest time in seconds.
    package var seconds: Double?

    /// Limits; nil is none.
    package init(states: Int? = nil, seconds: Double? = nil) {
        self.states = states
        self.seconds = seconds
    }
}

/// What a search found.
package struct SearchResult: Sendable {
    /// Whether everything within the bounds of the model was seen.
    package var isComplete: Bool
    /// Different states.
    package var states: Int
    /// Steps carried out.
    package var transitions: Int
    /// Length of the longest of the shortest ways to a state.
    package var depth: Int
    /// How long it took.
    package var seconds: Double
    /// The rule that was broken first.
    package var violation: Violation?
    /// The shortest way there.
    package var trace: [Action] = []
    /// Steps that lead from there back to there, if that is what was found.
    package var circle: [Action] = []
}

/// Breadth-first search through all states, with every rule checked in each: what is found is found by the shortest way.
///
/// With ``checksEnds`` faults may end in any state. From there on
///
/// 1. what was written arrives, losses are noticed and lost links come back, in any order;
/// 2. only when nothing of that is left, advertisements are heard as they are, in any order;
/// 3. only when none of them makes a difference, something runs out of time, whatever it is;
/// 4. when that makes no difference either, the run has ended: all nodes must be in one cluster.
///
/// When all states are known, from each there must be a way to one cluster, and, where clusters graft, the steps since the last
/// fault must not lead round in a circle: then every run ends. Classic nodes may go round, as long as a neighbour that has joined
/// counts as one to connect to: what they heard grows old, but not here.
package struct Search {
    private let model: Model
    private let limits: SearchLimits
    private let progress: (String) -> Void
    /// Rules that end the search when they are broken.
    package var sought = Set(Violation.allCases)
    /// Whether every run has to end in one cluster once there are no more faults.
    package var checksEnds = false

    private let shelf = NodeShelf()
    private var table = StateTable()
    private var graph = StateGraph()
    private var transitions = 0
    private var found: (index: UInt32, violation: Violation)?

    /// A search that has not begun.
    ///
    /// - Parameters:
    ///   - model: what is checked.
    ///   - limits: when to stop.
    ///   - progress: takes a line now and then.
    package init(
        _ model: Model,
        limits: SearchLimits = SearchLimits(),
        progress: @escaping (String) -> Void = { _ in }
    ) {
        self.model = model
        self.limits = limits
        self.progress = progress
    }

    /// Searches.
    package mutating func run() -> SearchResult {
        let clock = ContinuousClock()
        let start = clock.now
        func seconds() -> Double { (clock.now - start) / .seconds(1) }
        let first = World(model, shelf: shelf)
        _ = table.insert(first.digest, parent: .max, action: 0)
        var frontier: [(UInt32, World)] = [(0, first)]
        var depth = 0
        var looked = 0
        var isStopped = false
        search: while !frontier.isEmpty {
            var next: [(UInt32, World)] = []
            // Backwards, so that a state is freed as soon as it was looked at.
            frontier.reverse()
            while let (index, world) = frontier.popLast() {
                lookAt(world, index, into: &next)
                looked += 1
                if found != nil { break search }
                guard looked & 0xFF == 0 else { continue }
                if let most = limits.states, table.count >= most { isStopped = true }
                if let most = limits.seconds, seconds() >= most { isStopped = true }
                if isStopped { break search }
            }
            depth += next.isEmpty ? 0 : 1
            progress(
                "depth \(depth): \(table.count) states, \(transitions) steps, \(next.count) to look at, "
                    + "\(shelf.count) nodes, \(Int(seconds())) s"
            )
            frontier = next
        }
        var result = SearchResult(
            isComplete: found == nil && !isStopped,
            states: table.count,
            transitions: transitions,
            depth: depth,
            seconds: seconds(),
            violation: found?.violation
        )
        if let found {
            result.trace = table.path(to: found.index)
            result.depth = result.trace.count
        } else if checksEnds, !isStopped, let stranded = graph.stranded() {
            result.violation = .stranded
            result.isComplete = false
            result.trace = table.path(to: stranded)
        } else if checksEnds, model.clustering == .graft, let circle = graph.circle() {
            result.violation = .endless
            result.isComplete = false
            result.trace = table.path(to: circle.start)
            result.circle = circle.actions.map { Action(packed: $0) }
        }
        return result
    }

    private mutating func lookAt(_ world: World, _ index: UInt32, into next: inout [(UInt32, World)]) {
        graph.begin(index)
        if world.isSettling {
            let steps = settlingSteps(world)
            if world.isOneCluster(model.clustering) { graph.markGoal(index) }
            if steps.isEmpty, !world.isOneCluster(model.clustering) {
                report(.endsApart, at: index)
            }
            for (action, after) in steps {
                take(after, by: action, from: index, into: &next)
            }
            return
        }
        world.forEachAction(model) { action in
            guard found == nil else { return }
            let after = perform(action, in: world)
            guard !world.isIdle(action, after: after) else { return }
            take(after, by: action, from: index, into: &next)
        }
        if checksEnds, found == nil {
            take(perform(.settle, in: world), by: .settle, from: index, into: &next)
        }
    }

    private mutating func perform(_ action: Action, in world: World) -> World {
        transitions += 1
        var step = Step(world)
        step.perform(action)
        return step.finish(shelf)
    }

    private mutating func take(
        _ after: World,
        by action: Action,
        from index: UInt32,
        into next: inout [(UInt32, World)]
    ) {
        guard found == nil else { return }
        let (number, isNew) = table.insert(after.digest, parent: index, action: action.packed)
        if after.isSettling, action != .settle { graph.add(action.packed, to: number) }
        guard isNew else { return }
        if let violation = after.violation(model.clustering) { report(violation, at: number) }
        next.append((number, after))
    }

    private mutating func report(_ violation: Violation, at index: UInt32) {
        guard found == nil, sought.contains(violation) else { return }
        found = (index, violation)
    }

    /// What may follow once there are no more faults.
    private mutating func settlingSteps(_ world: World) -> [(Action, World)] {
        var steps: [(Action, World)] = []
        world.forEachMessage { steps.append(($0, perform($0, in: world))) }
        guard steps.isEmpty else { return steps }
        let digest = world.digest
        world.forEachHearing { steps.append(($0, perform($0, in: world))) }
        steps.removeAll { $0.1.digest == digest }
        guard steps.isEmpty else { return steps }
        world.forEachLapse { steps.append(($0, perform($0, in: world))) }
        steps.removeAll { $0.1.digest == digest }
        return steps
    }
}

/// The steps between states since the last fault.
struct StateGraph {
    /// Where the steps of each state begin.
    private var starts: ContiguousArray<UInt32> = []
    private var targets: ContiguousArray<UInt32> = []
    private var actions: ContiguousArray<UInt32> = []
    private var goals: ContiguousArray<UInt32> = []

    /// The steps that are added from now on lead away from a state; states come in their order.
    mutating func begin(_ index: UInt32) {
        precondition(starts.count == Int(index))
        starts.append(UInt32(targets.count))
    }

    mutating func add(_ action: UInt32, to target: UInt32) {
        targets.append(target)
        actions.append(action)
    }

    /// A run has got to where it should.
    mutating func markGoal(_ state: UInt32) { goals.append(state) }

    /// The first state since the last fault from which no steps lead to a goal.
    func stranded() -> UInt32? {
        var sources = ContiguousArray(repeating: UInt32(0), count: starts.count + 1)
        for target in targets { sources[Int(target) + 1] += 1 }
        for state in starts.indices { sources[state + 1] += sources[state] }
        var fill = sources
        var origins = ContiguousArray(repeating: UInt32(0), count: targets.count)
        for state in starts.indices {
            for step in Int(starts[state])..<end(state) {
                let target = Int(targets[step])
                origins[Int(fill[target])] = UInt32(state)
                fill[target] += 1
            }
        }
        var isGood = ContiguousArray(repeating: false, count: starts.count)
        var open = goals
        for goal in goals { isGood[Int(goal)] = true }
        while let state = open.popLast() {
            for origin in origins[Int(sources[Int(state)])..<Int(sources[Int(state) + 1])] where !isGood[Int(origin)] {
                isGood[Int(origin)] = true
                open.append(origin)
            }
        }
        return starts.indices.first { !isGood[$0] && end($0) > Int(starts[$0]) }.map { UInt32($0) }
    }

    /// Steps that lead back to where they began.
    func circle() -> (start: UInt32, actions: [UInt32])? {
        // 0 not seen, 1 on the way, 2 leads to an end in any case.
        var marks = ContiguousArray<UInt8>(repeating: 0, count: starts.count)
        var way: [(state: UInt32, step: Int, end: Int)] = []
        for first in starts.indices where marks[first] == 0 {
            way.append((UInt32(first), Int(starts[first]), end(first)))
            marks[first] = 1
            while let (state, step, end) = way.last {
                guard step < end else {
                    marks[Int(state)] = 2
                    way.removeLast()
                    continue
                }
                way[way.count - 1].step += 1
                let target = Int(targets[step])
                // What a search that was stopped has not looked at leads nowhere yet.
                guard target < marks.count else { continue }
                if marks[target] == 1 {
                    let begin = way.firstIndex { $0.state == targets[step] } ?? 0
                    return (targets[step], way[begin...].map { actions[$0.step - 1] })
                }
                guard marks[target] == 0 else { continue }
                marks[target] = 1
                way.append((UInt32(target), Int(starts[target]), self.end(target)))
            }
        }
        return nil
    }

    private func end(_ state: Int) -> Int { state + 1 < starts.count ? Int(starts[state + 1]) : targets.count }
}

/// A run step by step, in words.
package enum Replay {
    /// The rule that is broken after some actions.
    package static func violation(after trace: [Action], in model: Model) -> Violation? {
        let shelf = NodeShelf()
        var world = World(model, shelf: shelf)
        for action in trace {
            var step = Step(world)
            step.perform(action)
            world = step.finish(shelf)
        }
        return world.violation(model.clustering)
    }

    /// Carries a trace out once more and tells what happens.
    package static func lines(of result: SearchResult, in model: Model) -> [String] {
        var model = model
        model.tracing = true
        let shelf = NodeShelf()
        var world = World(model, shelf: shelf)
        var lines = ["      \(Narrator.text(of: world))"]
        for (number, action) in (result.trace + result.circle).enumerated() {
            if number == result.trace.count { lines.append("      -- and from here on round and round --") }
            let label = String(number + 1)
            let indent = String(repeating: " ", count: max(0, 4 - label.count))
            lines.append("\(indent)\(label)  \(Narrator.text(of: action, in: world))")
            var step = Step(world, logging: true)
            step.perform(action)
            for line in step.log ?? [] { lines.append("          \(line)") }
            world = step.finish(shelf)
            lines.append("      \(Narrator.text(of: world))")
        }
        if let violation = result.violation { lines.append("      ==> \(violation.text)") }
        return lines
    }
}
