import MeshCore
import RadioPort

/// What nodes have received and not been told of yet, oldest first: a stretch of one buffer for each.
///
/// A node is told when it has something else to do, or at its next tick, of all at once. Receptions are numbered from the start
/// of the run, so that the inbox can say how many came before an event.
struct Mailboxes: Sendable {
    /// A reception in eight bytes: most of the memory that receptions touch is here.
    private struct Letter {
        var advertisement: UInt32
        /// Step in which it was received, the lower half of its number.
        var step: UInt16
        var rssi: Int8
    }

    private var items: ContiguousArray<Letter>
    /// What a node is told of at the moment.
    private(set) var opened: ContiguousArray<Reception> = []
    /// Room of one node.
    private var room: Int
    private var counts: ContiguousArray<Int32>
    /// Number of the first reception that a node was not told of.
    private var firsts: ContiguousArray<UInt32>

    /// So many are told when the node has its next turn: with fewer it is not worth to look at the node.
    static let worthTelling = 24

    private static let nothing = Letter(advertisement: 0, step: 0, rssi: 0)

    /// Empty mailboxes; `neighbours` is how many a node has on average.
    init(nodes: Int, neighbours: Int) {
        // Of so many it receives about as much between two ticks as fits; to grow would mean to have all twice for a moment.
        room = 16 + neighbours / 9
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

    /// How many wait that were received before a step; `step` is not far from now.
    func count(of node: Int, beforeStep step: UInt64) -> Int {
        let start = node * room
        let limit = UInt16(truncatingIfNeeded: step)
        var count = Int(counts[node])
        while count > 0, Int16(bitPattern: items[start + count - 1].step &- limit) >= 0 { count -= 1 }
        return count
    }

    /// The oldest that waits, as seen from a step.
    func first(of node: Int, step: UInt64) -> Reception? {
        counts[node] == 0 ? nil : Self.open(items[node * room], step: step)
    }

    /// Adds what was received in a step.
    ///
    /// - Returns: whether it is the only one of its node.
    @inline(__always)
    mutating func append(_ advertisement: UInt32, rssi: Int8, step: UInt16, to node: Int) -> Bool {
        let count = Int(counts[node])
        if count == room { grow() }
        items[node * room + count] = Letter(advertisement: advertisement, step: step, rssi: rssi)
        counts[node] = Int32(count + 1)
        return count == 0
    }

    /// Makes a node's oldest receptions ready to be told, in ``opened``, as seen from a step; they stay.
    mutating func open(_ number: Int, of node: Int, step: UInt64) {
        opened.removeAll(keepingCapacity: true)
        let start = node * room
        for position in start..<start + number {
            opened.append(Self.open(items[position], step: step))
        }
    }

    @inline(__always)
    private static func open(_ letter: Letter, step: UInt64) -> Reception {
        // A few steps ago, or the next.
        let received = UInt64(Int64(step) + Int64(Int16(bitPattern: letter.step &- UInt16(truncatingIfNeeded: step))))
        return Reception(
            at: Instant(microseconds: received * ReferenceRadio.stepMicroseconds),
            advertisement: letter.advertisement,
            rssi: letter.rssi
        )
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

    /// Gives every node a quarter more room.
    private mutating func grow() {
        let wider = room + room / 4
        var grown = ContiguousArray(repeating: Self.nothing, count: counts.count * wider)
        for node in counts.indices {
            for position in 0..<Int(counts[node]) {
                grown[node * wider + position] = items[node * room + position]
            }
        }
        items = grown
        room = wider
    }
}
