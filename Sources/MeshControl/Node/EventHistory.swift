import MeshCore
import RadioPort

/// The latest events of a node, so that who asks later still learns of them; the oldest are forgotten.
struct EventHistory {
    /// Something that happened.
    enum Event {
        case trace(TraceEvent)
        case delivered([UInt8])
    }

    private let capacity: Int
    private var ring: [(at: Instant, event: Event)] = []
    /// Where the oldest is.
    private var start = 0

    /// A history of so many events.
    init(capacity: Int) { self.capacity = capacity }

    /// Keeps an event.
    mutating func keep(_ event: Event, at now: Instant) {
        if ring.count < capacity {
            ring.append((now, event))
        } else {
            ring[start] = (now, event)
            start = (start + 1) % capacity
        }
    }

    /// What happened at or after an instant, oldest first.
    func events(since instant: Instant) -> [(at: Instant, event: Event)] {
        (ring[start...] + ring[..<start]).filter { $0.at >= instant }
    }
}
