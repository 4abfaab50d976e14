/// Which node has to run in which step.
///
/// A ring of bit sets, one bit a node: asking for a turn costs one store, and a step visits exactly the nodes that have
/// something to do, in their order. A turn beyond the horizon is asked for at the horizon, where the node finds nothing due
/// and asks again.
struct Agenda: Sendable {
    /// Steps that can be told apart.
    private static let horizon = 512

    private let words: Int
    private var bits: ContiguousArray<UInt64>
    /// The step being worked on.
    private(set) var step: UInt64 = 0
    /// The node whose turn it is; -1 between steps.
    private var turn = -1

    init(nodes: Int) {
        words = (nodes + 63) / 64
        bits = ContiguousArray(repeating: 0, count: words * Self.horizon)
    }

    /// Asks for a turn of a node, no earlier than now: one whose turn of this step is over runs in the next.
    mutating func schedule(_ node: Int, at wanted: UInt64) {
        var target = max(wanted, step)
        if target == step, node <= turn {
            target += 1
        }
        let slot = Int(min(target, step + UInt64(Self.horizon) - 1) % UInt64(Self.horizon))
        bits[slot * words + node >> 6] |= 1 << UInt64(node & 63)
    }

    /// The next node of this step; nil when the step is over.
    mutating func next() -> Int? {
        let base = Int(step % UInt64(Self.horizon)) * words
        var word = max(turn, 0) >> 6
        while word < words {
            let set = bits[base + word]
            if set != 0 {
                let bit = set.trailingZeroBitCount
                bits[base + word] = set & (set - 1)
                turn = word << 6 + bit
                return turn
            }
            word += 1
        }
        return nil
    }

    /// Goes to the next step.
    mutating func advance() {
        step += 1
        turn = -1
    }
}
