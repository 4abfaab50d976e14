public import MeshWire
public import RadioPort

/// A neighbour of the own network that runs the other clustering mode.
public struct OtherModeNeighbour: Sendable, Equatable {
    /// The neighbour.
    public var node: NodeID
    /// When it was heard last.
    public var heardAt: Instant
    var reportedAt: Instant
}

// Nodes of one network that run the two modes never link: each tells that the other is there.
extension Node {
    /// Notes a neighbour that says by its advertisement that it runs the other mode.
    mutating func heardOtherMode(_ node: NodeID, now: Instant, into outputs: inout Outputs) {
        guard node.rawValue != 0, node != identity.node else { return }
        if let index = otherModeNeighbours.firstIndex(where: { $0.node == node }) {
            otherModeNeighbours[index].heardAt = now
            let since = now.microseconds(since: otherModeNeighbours[index].reportedAt)
            guard since >= configuration.graft.otherModePeriod else { return }
            otherModeNeighbours[index].reportedAt = now
        } else {
            if otherModeNeighbours.count >= Limits.otherModeNeighbours {
                let oldest = otherModeNeighbours.indices.min {
                    otherModeNeighbours[$0].heardAt < otherModeNeighbours[$1].heardAt
                }
                otherModeNeighbours.remove(at: oldest ?? 0)
            }
            otherModeNeighbours.append(OtherModeNeighbour(node: node, heardAt: now, reportedAt: now))
        }
        trace(.otherMode(node: node, own: configuration.clustering), into: &outputs)
    }

    /// Forgets that a neighbour ran the other mode: its advertisement says that it has changed.
    mutating func heardOwnMode(_ node: NodeID) {
        guard !otherModeNeighbours.isEmpty else { return }
        otherModeNeighbours.removeAll { $0.node == node }
    }
}
