import MeshCore
import RadioPort

/// What nodes have received and not been told of yet, oldest first: a stretch of one buffer for each.
///
/// A node is told when it has something else to do, or at its next tick, of all at once. Receptions are numbered from the start
/// of the run, so that the inbox can say how many came before an event.
struct Mailboxes: Sendable {
    private var items: ContiguousArray<Reception>
    /// Room of one node.
    private var room = 16
    private var counts: ContiguousArray<Int32>
    /// Number of the first reception that a node was not told of.
    private var firsts: ContiguousArray<UInt32>

    /// So many are told when the node has its next turn: with fewer it is not worth to look at the node.
    static let worthTelling = 24

    private static let nothing = Reception(at: .zero, advertisement: 0, rssi: 0)

    init(nodes: Int) {
        items = ContiguousArray(repeating: Self.nothing, count: nodes * room)
        counts = ContiguousArray(repeating: 0, count: nodes)
        firsts = ContiguousArray(repeating: 0, count: nodes)
    }

    /// Number of receptions that a node was not told of.
    func count(of node: Int) -> Int { Int(counts[node]) }

    /// The number that the next reception of a node gets.
    func end(of node: Int) -> UInt32 { firsts[node] &+ UInt32(counts[node]) }

    /// How many wait of those before a number.
    func count(of node: Int, before number: UInt32) -> Int {
        // What is behind the first is a small number, what is before it a negative one.
        min(count(of: node), max(0, Int(Int32(bitPattern: number &- firsts[node]))))
    }

    /// How many wait that were received before an instant.
    func count(of node: Int, before instant: Instant) -> Int {
        let start = node * room
        var count = Int(counts[node])
        while count > 0, items[start + count - 1].at >= instant { count -= 1 }
        return count
    }

    /// The oldest that waits.
    func first(of node: Int) -> Reception? { counts[node] == 0 ? nil : items[node * room] }

    /// Adds a reception.
    ///
    /// - Returns: whether it is the only one of its node.
    @inline(__always)
    mutating func append(_ reception: Reception, to node: Int) -> Bool {
        let count = Int(counts[node])
        if count == room { grow() }
        items[node * room + count] = reception
        counts[node] = Int32(count + 1)
        return count == 0
    }

    /// Tells a node of its oldest receptions; they stay.
    ///
    /// - Returns: how many it took, at least one if there are any.
    func tell(
        _ node: inout Node,
        at index: Int,
        most: Int,
        of advertisements: Span<Advertisement>,
        into outputs: inout Outputs
    ) -> Int {
        let start = index * room
        return node.hear(items.span.extracting(start..<start + most), of: advertisements, into: &outputs)
    }

    /// Forgets the oldest receptions of a node.
    mutating func remove(_ number: Int, of node: Int) {
        let start = node * room
        let left = Int(counts[node]) - number
        for position in 0..<left {
            items[start + position] = items[start + position + number]
        }
        counts[node] = Int32(left)
        firsts[node] &+= UInt32(number)
    }

    /// Doubles the room of every node.
    private mutating func grow() {
        var grown = ContiguousArray(repeating: Self.nothing, count: items.count * 2)
        for node in counts.indices {
            for position in 0..<Int(counts[node]) {
                grown[node * room * 2 + position] = items[node * room + position]
            }
        }
        items = grown
        room *= 2
    }
}
