import MeshWire

/// Finds the path between two nodes by asking nodes for their links, as few as possible.
///
/// The links of a cluster form a tree, and with the usual limits a node has at most one link that its partner opened. Following
/// that one from both ends therefore leads to where the two ways meet:
///
///              4
///            /   \          own node 7: opened by 2, that by 4
///           2     9         target 12:  opened by 9, that by 4
///          /     / \        path        7 2 4 9 12
///         7    12   5
///
/// Where that does not lead on (a node with two such links, one that does not answer), everything that is known is asked in the
/// order of its distance from the target.
struct PathSearch {
    /// Nodes that are asked at most; then there is no path.
    static let questionsMax = 256

    let source: NodeID
    let target: NodeID
    private(set) var reports: [NodeID: [LinkEnd]] = [:]
    private var asked: Set<NodeID> = []
    /// Who has a link with whom, as either end says, in the order it was said.
    private var partners: [NodeID: [NodeID]] = [:]

    init(from source: NodeID, to target: NodeID) {
        self.source = source
        self.target = target
    }

    /// The node that should be asked for its links next; nil if the path is known or cannot be found.
    mutating func nextQuestion() -> NodeID? {
        guard path == nil, asked.count < Self.questionsMax else { return nil }
        let climbs = [climb(from: target), climb(from: source)].filter { !asked.contains($0.end) }
        let climb = climbs.min { $0.steps < $1.steps }?.end
        let next = climb ?? firstNotAsked(around: target) ?? firstNotAsked(around: source)
        if let next { asked.insert(next) }
        return next
    }

    /// Takes the links of a node that was asked; a node that does not answer is just not told of.
    mutating func take(_ links: [LinkEnd], of node: NodeID) {
        reports[node] = links
        for link in links {
            connect(node, link.partner)
            connect(link.partner, node)
        }
    }

    /// The nodes from the source to the target, both included; nil while it is not known.
    var path: [NodeID]? { path(to: target) }

    /// The nodes from the source to any node, both included; nil if it is not known.
    func path(to target: NodeID) -> [NodeID]? {
        var towards: [NodeID: NodeID] = [target: target]
        var queue = [target]
        var position = 0
        while position < queue.count, towards[source] == nil {
            for partner in partners[queue[position]] ?? [] where towards[partner] == nil {
                towards[partner] = queue[position]
                queue.append(partner)
            }
            position += 1
        }
        guard towards[source] != nil else { return nil }
        var path = [source]
        while let node = path.last, node != target, let next = towards[node] { path.append(next) }
        return path
    }

    /// The link between two nodes as the first one reported it.
    func link(from node: NodeID, to partner: NodeID) -> LinkEnd? {
        reports[node]?.first { $0.partner == partner }
    }

    private mutating func connect(_ node: NodeID, _ partner: NodeID) {
        if partners[node]?.contains(partner) != true { partners[node, default: []].append(partner) }
    }

    /// Where following incoming links ends, as far as is known.
    private func climb(from node: NodeID) -> (end: NodeID, steps: Int) {
        var end = node
        var steps = 0
        // Links change while they are asked for, so that a circle may be told.
        while steps <= reports.count, let next = reports[end]?.first(where: \.isIncoming)?.partner {
            end = next
            steps += 1
        }
        return (end, steps)
    }

    private func firstNotAsked(around node: NodeID) -> NodeID? {
        var seen: Set<NodeID> = [node]
        var queue = [node]
        var position = 0
        while position < queue.count {
            if !asked.contains(queue[position]) { return queue[position] }
            for partner in partners[queue[position]] ?? [] where seen.insert(partner).inserted { queue.append(partner) }
            position += 1
        }
        return nil
    }
}
