import MeshWire

// Dynamic groups (protocol §1.1, §10.2): the node takes messages to the groups that it is a member of.
extension Node {
    /// Makes the node a member; it may be one already.
    mutating func addGroup(_ group: NodeID, into outputs: inout Outputs) -> GroupCode {
        guard group.kind == .dynamicGroup else { return .outOfRange }
        guard !stored.groups.contains(group) else { return .ok }
        guard stored.groups.count < Limits.dynamicGroups else { return .tableFull }
        stored.groups.append(group)
        persist(into: &outputs)
        return .ok
    }

    /// Ends a membership, if there is one.
    mutating func removeGroup(_ group: NodeID, into outputs: inout Outputs) -> GroupCode {
        guard group.kind == .dynamicGroup else { return .outOfRange }
        guard let index = stored.groups.firstIndex(of: group) else { return .ok }
        stored.groups.remove(at: index)
        persist(into: &outputs)
        return .ok
    }

    /// Ends all memberships.
    mutating func clearGroups(into outputs: inout Outputs) {
        guard !stored.groups.isEmpty else { return }
        stored.groups.removeAll()
        persist(into: &outputs)
    }
}
