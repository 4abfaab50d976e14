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
/// A heap with four children per entry: half as deep as one with two, and the four lie side by side.
struct AirQueue: Sendable {
    private struct Entry {
        var event: AirEvent
        var sequence: UInt64

        @inline(__always)
        static func < (left: Entry, right: Entry) -> Bool {
            left.event.time != right.event.time
                ? left.event.time < right.event.time : left.sequence < right.sequence
        }
    }

    private var heap: ContiguousArray<Entry> = []
    private var sequence: UInt64 = 0

    var count: Int { heap.count }

    /// Time of the next event.
    var nextTime: UInt64? { heap.first?.event.time }

    mutating func push(_ kind: AirEvent.Kind, _ subject: Int32, at time: UInt64, stamp: UInt32 = 0) {
        sequence += 1
        let entry = Entry(event: AirEvent(time: time, kind: kind, subject: subject, stamp: stamp), sequence: sequence)
        heap.append(entry)
        heap.withUnsafeMutableBufferPointer { heap in
            var position = heap.count - 1
            while position > 0 {
                let parent = (position - 1) / 4
                guard entry < heap[parent] else { break }
                heap[position] = heap[parent]
                position = parent
            }
            heap[position] = entry
        }
    }

    /// Takes the next event if it is before a time.
    mutating func pop(before end: UInt64) -> AirEvent? {
        guard let first = heap.first, first.event.time < end, let last = heap.popLast() else { return nil }
        heap.withUnsafeMutableBufferPointer { heap in
            guard !heap.isEmpty else { return }
            var position = 0
            while true {
                let start = 4 * position + 1
                guard start < heap.count else { break }
                var least = start
                for child in start + 1..<max(start + 1, min(start + 4, heap.count)) where heap[child] < heap[least] {
                    least = child
                }
                guard heap[least] < last else { break }
                heap[position] = heap[least]
                position = least
            }
            heap[position] = last
        }
        return first.event
    }
}
