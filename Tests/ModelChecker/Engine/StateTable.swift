import MeshCore

/// The states seen: digests in an open hash table, and how each was reached first.
struct StateTable {
    private var slots: ContiguousArray<UInt32>
    private var mask: Int
    private(set) var digests: ContiguousArray<StateDigest> = []
    private(set) var parents: ContiguousArray<UInt32> = []
    private(set) var actions: ContiguousArray<UInt32> = []

    init() {
        mask = (1 << 16) - 1
        slots = ContiguousArray(repeating: .max, count: mask + 1)
    }

    var count: Int { digests.count }

    /// Where a state is, adding it if it is new.
    mutating func insert(_ digest: StateDigest, parent: UInt32, action: UInt32) -> (index: UInt32, isNew: Bool) {
        if (count + 1) * 10 > slots.count * 7 { grow() }
        var slot = Int(truncatingIfNeeded: digest.low) & mask
        while slots[slot] != .max {
            if digests[Int(slots[slot])] == digest { return (slots[slot], false) }
            slot = (slot + 1) & mask
        }
        let index = UInt32(count)
        slots[slot] = index
        digests.append(digest)
        parents.append(parent)
        actions.append(action)
        return (index, true)
    }

    private mutating func grow() {
        mask = mask * 2 + 1
        slots = ContiguousArray(repeating: .max, count: mask + 1)
        for index in digests.indices {
            var slot = Int(truncatingIfNeeded: digests[index].low) & mask
            while slots[slot] != .max { slot = (slot + 1) & mask }
            slots[slot] = UInt32(index)
        }
    }

    /// The actions that lead to a state.
    func path(to index: UInt32) -> [Action] {
        var path: [Action] = []
        var index = Int(index)
        while parents[index] != .max {
            path.append(Action(packed: actions[index]))
            index = Int(parents[index])
        }
        return path.reversed()
    }
}
