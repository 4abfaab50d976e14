import MeshCore
import MeshWire
import RadioPort

/// A rule that a state breaks (specification §5.3).
package enum Violation: String, Hashable, CaseIterable, Sendable {
    /// G1: the links of the tree close a cycle.
    case cycle
    /// G2: both ends of a link are the parent.
    case twoParents
    /// G2: a node looks up over more than one link.
    case twoUpward
    /// G3: a component has more than one root.
    case twoRoots
    /// G4: a child has a greater key than its parent.
    case keyFalls
    /// G4: the key of the root is not the greatest of its component.
    case rootIsSmaller
    /// G5: a quiet component has no root.
    case noRoot
    /// G5: two components have one cluster id.
    case equalKeys
    /// G5: one component has two keys.
    case unequalKeys
    /// G6: a node counts wrongly.
    case wrongSize
    /// Something is owed to a partner but not on its way.
    case untold
    /// More is on its way than a radio takes.
    case overflow
    /// A run ends in more than one cluster.
    case endsApart
    /// A run never ends.
    case endless
    /// From some state no run leads to one cluster.
    case stranded

    /// In words.
    package var text: String {
        switch self {
        case .cycle: "G1: cycle"
        case .twoParents: "G2: CHILD at both ends"
        case .twoUpward: "G2: two upward links"
        case .twoRoots: "G3: two roots in one component"
        case .keyFalls: "G4: key(child) > key(parent)"
        case .rootIsSmaller: "G4: the root's key is not the greatest"
        case .noRoot: "G5: no root"
        case .equalKeys: "G5: two components under one id"
        case .unequalKeys: "G5: one component, two keys"
        case .wrongSize: "G6: wrong size"
        case .untold: "quiet, but something was not told"
        case .overflow: "more writes under way than a radio takes"
        case .endsApart: "a run ends in more than one cluster"
        case .endless: "a run never ends"
        case .stranded: "no run leads to one cluster any more"
        }
    }
}

extension World {
    /// The link object at the other end of a link in the tree, if there is one that belongs to it.
    private func opposite(_ link: LinkInspection, of node: Int) -> (node: Int, link: LinkInspection)? {
        let other = Self.index(of: link.address)
        guard boxes.indices.contains(other) else { return nil }
        for candidate in boxes[other].links where Self.index(of: candidate.address) == node {
            if link.nonce != 0, link.nonce == candidate.nonce { return (other, candidate) }
            // A new link of the radio may lead from an old link that is to come back to a new one.
            guard !link.isComingBack, !candidate.isComingBack, link.link.rawValue != 0 else { continue }
            if link.link == candidate.link { return (other, candidate) }
        }
        return nil
    }

    /// Nothing is on its way, being set up or being lost.
    var isQuiet: Bool {
        for wire in wires
        where wire.isBroken || !wire.isUp.0 || !wire.isUp.1 || !wire.frames.0.isEmpty || !wire.frames.1.isEmpty {
            return false
        }
        for air in airs where air.attempt != nil { return false }
        for box in boxes {
            for link in box.links where link.state != .handshakeDone { return false }
        }
        return true
    }

    /// The first rule that this state breaks.
    func violation(_ clustering: ClusteringMode) -> Violation? {
        if hasOverflown { return .overflow }
        switch clustering {
        case .graft: return graftViolation
        case .classic: return classicViolation
        }
    }

    private var graftViolation: Violation? {
        var components = Components(count: boxes.count)
        for (node, box) in boxes.enumerated() {
            var upward = 0
            for link in box.links where link.relation != .engaged {
                if link.relation != .child { upward += 1 }
                guard let other = opposite(link, of: node) else { continue }
                if link.relation == .child, other.link.relation == .child { return .twoParents }
                // Each edge once, from the end with the smaller number that has it in the tree.
                guard node < other.node || other.link.relation == .engaged else { continue }
                guard components.join(node, other.node) else { return .cycle }
            }
            if upward > 1 { return .twoUpward }
        }
        for component in boxes.indices where components.root(component) == component {
            var root: Int?
            for node in boxes.indices where components.root(node) == component && boxes[node].isRoot {
                guard root == nil else { return .twoRoots }
                root = node
            }
            guard let root else { continue }
            for node in boxes.indices where components.root(node) == component && boxes[node].key > boxes[root].key {
                return .rootIsSmaller
            }
        }
        for (node, box) in boxes.enumerated() {
            for link in box.links where link.relation == .parent || link.relation == .conceded {
                guard let other = opposite(link, of: node), other.link.relation == .child else { continue }
                if box.key > boxes[other.node].key { return .keyFalls }
            }
        }
        return isQuiet ? quietViolation(components) : nil
    }

    private func quietViolation(_ components: Components) -> Violation? {
        for component in boxes.indices where components.root(component) == component {
            var roots = 0
            var size = 0
            for node in boxes.indices where components.root(node) == component {
                size += 1
                if boxes[node].isRoot { roots += 1 }
                if boxes[node].key != boxes[component].key { return .unequalKeys }
            }
            if roots != 1 { return .noRoot }
            for node in boxes.indices where components.root(node) == component {
                if Int(boxes[node].node.clusterSize) != size { return .wrongSize }
            }
            // Nodes tell clusters apart by the second half of the key alone.
            for node in boxes.indices
            where components.root(node) != component && boxes[node].key.cluster == boxes[component].key.cluster {
                return .equalKeys
            }
        }
        for box in boxes {
            for link in box.links where !link.isQuiet { return .untold }
        }
        return nil
    }

    private var classicViolation: Violation? {
        guard isQuiet, !boxes.contains(where: { $0.links.contains { !$0.isQuiet } }) else { return nil }
        var components = Components(count: boxes.count)
        for (node, box) in boxes.enumerated() {
            for link in box.links where link.isCounted {
                guard let other = opposite(link, of: node), other.link.isCounted, node < other.node else { continue }
                guard components.join(node, other.node) else { return .cycle }
            }
        }
        for node in boxes.indices {
            for other in boxes.indices where other > node {
                let isSame = components.root(node) == components.root(other)
                let isNamedSame = boxes[node].node.clusterID == boxes[other].node.clusterID
                if isSame, !isNamedSame { return .unequalKeys }
                if !isSame, isNamedSame { return .equalKeys }
            }
            let size = boxes.indices.count { components.root($0) == components.root(node) }
            if Int(boxes[node].node.clusterSize) != size { return .wrongSize }
        }
        return nil
    }

    /// Whether all nodes are in one cluster and nothing is under way.
    func isOneCluster(_ clustering: ClusteringMode) -> Bool {
        guard isQuiet, violation(clustering) == nil else { return false }
        for box in boxes where Int(box.node.clusterSize) != boxes.count { return false }
        return true
    }
}

extension LinkInspection {
    /// Whether it was lost and is not usable again.
    var isComingBack: Bool { state == .reestablishing || state == .reestablishingHandshake }
}

/// Which nodes hang together.
struct Components {
    private var parents: [Int]

    init(count: Int) { parents = Array(0..<count) }

    func root(_ node: Int) -> Int {
        var node = node
        while parents[node] != node { node = parents[node] }
        return node
    }

    /// Joins two; false if they hang together already.
    mutating func join(_ left: Int, _ right: Int) -> Bool {
        let (first, second) = (root(left), root(right))
        guard first != second else { return false }
        parents[max(first, second)] = min(first, second)
        return true
    }
}
