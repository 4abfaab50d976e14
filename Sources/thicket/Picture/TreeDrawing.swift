import MeshWire

/// A mesh link between two nodes, as far as a drawing needs it.
struct MeshLink: Sendable, Equatable {
    var first: NodeID
    var second: NodeID
    /// Signal strength, nil before the first sample.
    var rssi: Int8?
    /// The end that holds the master bit, nil if none does.
    var master: NodeID?
}

/// Draws the links of a network as trees, each from its sink or, without one, from its best connected node.
struct TreeDrawing {
    /// Drawing characters beyond ASCII.
    var hasUnicode: Bool
    /// Lines after which the rest is only counted.
    var linesMax = 100
    /// Whether the end that holds the master bit is told.
    var showsMasterBits = true
    /// A tree that would be drawn further to the right than this goes on at the left edge further down.
    var indentMax = Int.max

    private struct Step {
        var node: NodeID
        var parent: NodeID?
        var link: MeshLink?
        /// What stands before the branch of this node.
        var indent: String
        var isLast: Bool
        /// Its line was drawn before, but not what hangs on it.
        var isContinued = false

        /// Whether it stands at the left edge.
        var isRoot: Bool { parent == nil || isContinued }
    }

    /// The trees, one line per node.
    ///
    /// - Parameters:
    ///   - nodes: all nodes that are switched on.
    ///   - sinks: which of them are sinks.
    ///   - links: handshaked links between them.
    ///   - root: the node at the top of its tree, whatever else speaks for another.
    ///   - marks: what else is to be said of nodes.
    /// - Returns: the drawing from top to bottom.
    func lines(
        nodes: [NodeID],
        sinks: Set<NodeID>,
        links: [MeshLink],
        root: NodeID? = nil,
        marks: [NodeID: String] = [:]
    ) -> [String] {
        var neighbours: [NodeID: [(NodeID, MeshLink)]] = [:]
        for link in links {
            neighbours[link.first, default: []].append((link.second, link))
            neighbours[link.second, default: []].append((link.first, link))
        }
        for node in neighbours.keys { neighbours[node]?.sort { $0.0 < $1.0 } }
        // Who is asked for first, then sinks, then the most links, then the lowest id.
        let roots = nodes.sorted { left, right in
            if left == root || right == root { return left == root && right != root }
            let (leftIsSink, rightIsSink) = (sinks.contains(left), sinks.contains(right))
            guard leftIsSink == rightIsSink else { return leftIsSink }
            let (leftLinks, rightLinks) = (neighbours[left]?.count ?? 0, neighbours[right]?.count ?? 0)
            return leftLinks == rightLinks ? left < right : leftLinks > rightLinks
        }
        var lines: [String] = []
        var drawn: Set<NodeID> = []
        for root in roots where !drawn.contains(root) {
            // A stack of our own: a mesh may be a chain of thousands of nodes.
            var stack = [Step(node: root, parent: nil, link: nil, indent: "", isLast: true)]
            // Trees that go on further down.
            var postponed: [Step] = []
            while let step = stack.popLast() ?? (postponed.isEmpty ? nil : postponed.removeFirst()) {
                let mark = step.isContinued ? nil : marks[step.node]
                let text = line(step, sinks: sinks) + (mark.map { ", " + $0 } ?? "")
                guard step.isContinued || drawn.insert(step.node).inserted else {
                    lines.append(text + " (a loop)")
                    continue
                }
                let children = (neighbours[step.node] ?? []).filter { $0.0 != step.parent }
                let indent = step.isRoot ? "" : step.indent + (step.isLast ? "   " : bar + "  ")
                if indent.count > indentMax, !children.isEmpty {
                    lines.append(text + " ...")
                    postponed.append(
                        Step(
                            node: step.node,
                            parent: step.parent,
                            link: nil,
                            indent: "",
                            isLast: true,
                            isContinued: true
                        )
                    )
                    continue
                }
                lines.append(text)
                for (offset, child) in children.enumerated().reversed() {
                    stack.append(
                        Step(
                            node: child.0,
                            parent: step.node,
                            link: child.1,
                            indent: indent,
                            isLast: offset == children.count - 1
                        )
                    )
                }
            }
        }
        guard lines.count > linesMax else { return lines }
        return lines.prefix(linesMax) + ["... and \(lines.count - linesMax) more nodes"]
    }

    private var bar: String { hasUnicode ? "│" : "|" }

    private func line(_ step: Step, sinks: Set<NodeID>) -> String {
        var text = ""
        if !step.isRoot {
            let branch = hasUnicode ? (step.isLast ? "└─ " : "├─ ") : (step.isLast ? "`- " : "|- ")
            text = step.indent + branch
        }
        text += "\(step.node)"
        if step.isContinued, let parent = step.parent { return "... " + text + " under \(parent)" }
        if sinks.contains(step.node) { text += " sink" }
        if let link = step.link {
            text += link.rssi.map { "  \($0) dBm" } ?? "  - dBm"
            if showsMasterBits { text += link.master.map { ", master bit at \($0)" } ?? ", no master bit" }
        }
        return text
    }
}
