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
}

/// Breadth-first search through all states, with every rule checked in each: what is found is found by the shortest way.
package struct SafetySearch {
    private let model: Model
    private let limits: SearchLimits
    private let progress: (String) -> Void
    /// Rules that end the search when they are broken.
    package var sought = Set(Violation.allCases)

    /// A search that has not begun.
    ///
    /// - Parameters:
    ///   - model: what is checked.
    ///   - limits: when to stop.
    ///   - progress: takes a line now and then.
    package init(_ model: Model, limits: SearchLimits = SearchLimits(), progress: @escaping (String) -> Void = { _ in }) {
        self.model = model
        self.limits = limits
        self.progress = progress
    }

    /// Searches.
    package func run() -> SearchResult {
        let clock = ContinuousClock()
        let start = clock.now
        var table = StateTable()
        let first = World(model)
        _ = table.insert(first.digest, parent: .max, action: 0)
        var frontier: [(UInt32, World)] = [(0, first)]
        var transitions = 0
        var depth = 0
        var found: (index: UInt32, violation: Violation)?
        var isStopped = false
        func seconds() -> Double { (clock.now - start) / .seconds(1) }
        search: while !frontier.isEmpty {
            var next: [(UInt32, World)] = []
            // Backwards, so that a state is freed as soon as it was looked at.
            frontier.reverse()
            while let (index, world) = frontier.popLast() {
                world.forEachAction(model) { action in
                    guard found == nil else { return }
                    var step = Step(world)
                    step.perform(action)
                    let after = step.finish()
                    transitions += 1
                    guard !world.isIdle(action, after: after) else { return }
                    let (number, isNew) = table.insert(after.digest, parent: index, action: action.packed)
                    guard isNew else { return }
                    if let violation = after.violation(model.clustering), sought.contains(violation) {
                        found = (number, violation)
                        return
                    }
                    next.append((number, after))
                }
                if found != nil { break search }
                if transitions & 0xFFF < 16 {
                    if let most = limits.states, table.count >= most { isStopped = true }
                    if let most = limits.seconds, seconds() >= most { isStopped = true }
                    if isStopped { break search }
                }
            }
            depth += next.isEmpty ? 0 : 1
            progress(
                "depth \(depth): \(table.count) states, \(transitions) steps, \(next.count) to look at, \(Int(seconds())) s"
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
        }
        return result
    }
}

/// A run step by step, in words.
package enum Replay {
    /// Carries a trace out once more and tells what happens.
    package static func lines(of trace: [Action], in model: Model) -> [String] {
        var model = model
        model.tracing = true
        var world = World(model)
        var lines = ["      \(Narrator.text(of: world))"]
        for (number, action) in trace.enumerated() {
            let label = String(number + 1)
            let indent = String(repeating: " ", count: max(0, 4 - label.count))
            lines.append("\(indent)\(label)  \(Narrator.text(of: action, in: world))")
            var step = Step(world, logging: true)
            step.perform(action)
            for line in step.log ?? [] { lines.append("          \(line)") }
            world = step.finish()
            lines.append("      \(Narrator.text(of: world))")
        }
        if let violation = world.violation(model.clustering) { lines.append("      ==> \(violation.text)") }
        return lines
    }
}
