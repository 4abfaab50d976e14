import ByteCoding
import MeshCore
import RadioPort

/// The latest events of a node, so that who asks later still learns of them; the oldest are forgotten.
struct EventHistory {
    /// Something that happened.
    enum Event {
        case trace(TraceEvent)
        case delivered(InlineBytes<200>)
    }

    /// Events that are kept.
    static let capacity = 2048

    private var ring: [(at: Instant, event: Event)] = []
    /// Where the oldest is.
    private var start = 0

    /// Keeps an event.
    mutating func keep(_ event: Event, at now: Instant) {
        if ring.count < Self.capacity {
            ring.append((now, event))
        } else {
            ring[start] = (now, event)
            start = (start + 1) % Self.capacity
        }
    }

    /// What happened at or after an instant, oldest first.
    func events(since instant: Instant) -> [(at: Instant, event: Event)] {
        (ring[start...] + ring[..<start]).filter { $0.at >= instant }
    }
}
