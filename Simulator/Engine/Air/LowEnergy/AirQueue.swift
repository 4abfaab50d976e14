/// Something that the air has to do at a time.
struct AirEvent: Sendable {
    enum Kind: UInt8 {
        /// A node has timers to run.
        case wake
        /// A node's host takes the oldest event of its radio.
        case inbox
        /// An advertising event begins.
        case advertise
        /// An advertising event is over: who heard it?
        case advertised
        /// A connect attempt is given up.
        case attemptDeadline
        /// A connection event of a link that has something to carry.
        case connectionEvent
        /// A link may have been silent for too long.
        case supervision
        /// New parameters of a link take effect.
        case instant
        /// A controller stops answering, or works again.
        case controller
    }

    /// In nanoseconds.
    var time: UInt64
    var kind: Kind
    /// A node or a link, by the kind.
    var subject: Int32
    /// Tells an event that is still wanted from one that no longer is.
    var stamp: UInt32
}

/// Events in the order of time; equal times in the order in which they were asked for.
///
/// Time is cut into slots of about 2 ms. Those of the slot that runs lie in a small heap; those of later slots are only put
/// there, and sorted when their slot begins. A ring of slots covers a second; what lies beyond it goes round once more.
struct AirQueue: Sendable {
    private struct Entry {
        var event: AirEvent
        var sequence: UInt64
        /// The next of the same slot; -1: none.
        var next: Int32 = -1

        @inline(__always)
        static func < (left: Entry, right: Entry) -> Bool {
            left.event.time != right.event.time
                ? left.event.time < right.event.time : left.sequence < right.sequence
        }
    }

    /// Slots of 2^21 ns.
    private static let slotBits: UInt64 = 21
    private static let slotCount: UInt64 = 512

    /// Events of the slot that runs and of those before, a heap with two children per entry.
    private var near: ContiguousArray<Entry> = []
    /// Events of later slots, in no order: those of a slot are chained, and so are places without one.
    private var waiting: ContiguousArray<Entry> = []
    private var unused: Int32 = -1
    /// The ring: for each slot the first in its chain.
    private var slots: ContiguousArray<Int32> = ContiguousArray(repeating: -1, count: Int(slotCount))
    /// The slot that runs, counted from the start of the run.
    private var slot: UInt64 = 0
    private var sequence: UInt64 = 0
    /// Events in all.
    private(set) var count = 0

    mutating func push(_ kind: AirEvent.Kind, _ subject: Int32, at time: UInt64, stamp: UInt32 = 0) {
        sequence += 1
        count += 1
        let entry = Entry(event: AirEvent(time: time, kind: kind, subject: subject, stamp: stamp), sequence: sequence)
        let wanted = time >> Self.slotBits
        if wanted <= slot {
            insert(entry)
        } else {
            chain(entry, to: Int(wanted % Self.slotCount))
        }
    }

    /// Takes the next event if it is before a time.
    mutating func pop(before end: UInt64) -> AirEvent? {
        guard count > 0 else { return nil }
        while near.isEmpty {
            // Slots that begin at the end or later are left alone: something may still be asked for before.
            guard (slot + 1) << Self.slotBits < end else { return nil }
            slot += 1
            open()
        }
        guard near[0].event.time < end else { return nil }
        count -= 1
        return removeFirst().event
    }

    private mutating func chain(_ entry: Entry, to place: Int) {
        var entry = entry
        entry.next = slots[place]
        if unused >= 0 {
            slots[place] = unused
            unused = waiting[Int(unused)].next
            waiting[Int(slots[place])] = entry
        } else {
            slots[place] = Int32(waiting.count)
            waiting.append(entry)
        }
    }

    /// Puts the events of the slot that begins in order.
    private mutating func open() {
        let place = Int(slot % Self.slotCount)
        var current = slots[place]
        slots[place] = -1
        while current >= 0 {
            let next = waiting[Int(current)].next
            if waiting[Int(current)].event.time >> Self.slotBits == slot {
                insert(waiting[Int(current)])
                waiting[Int(current)].next = unused
                unused = current
            } else {
                waiting[Int(current)].next = slots[place]
                slots[place] = current
            }
            current = next
        }
    }

    private mutating func insert(_ entry: Entry) {
        near.append(entry)
        near.withUnsafeMutableBufferPointer { heap in
            var position = heap.count - 1
            while position > 0 {
                let parent = (position - 1) / 2
                guard entry < heap[parent] else { break }
                heap[position] = heap[parent]
                position = parent
            }
            heap[position] = entry
        }
    }

    private mutating func removeFirst() -> Entry {
        let first = near[0]
        let last = near.removeLast()
        near.withUnsafeMutableBufferPointer { heap in
            guard !heap.isEmpty else { return }
            var position = 0
            while true {
                var least = 2 * position + 1
                guard least < heap.count else { break }
                if least + 1 < heap.count, heap[least + 1] < heap[least] { least += 1 }
                guard heap[least] < last else { break }
                heap[position] = heap[least]
                position = least
            }
            heap[position] = last
        }
        return first
    }
}
