public import RadioPort

/// What waits to be told to a node.
public enum FakeInboxItem: Sendable {
    /// An event of the port.
    case event(RadioEvent)
    /// The peer asked for an MTU: the radio answers, then both ends know.
    case mtuRequest(link: LinkID, mtu: UInt16)
    /// Advertisements that are kept elsewhere, up to a number of theirs, come before what follows.
    case heard(before: UInt32)
}

/// Events for one node, oldest first; the memory is reused.
public struct FakeInbox: Sendable {
    @usableFromInline var items: ContiguousArray<FakeInboxItem> = []
    @usableFromInline var head = 0

    /// Nothing waits.
    public init() {}

    /// Number of items that wait.
    @inlinable public var count: Int { items.count - head }

    /// Whether nothing waits.
    @inlinable public var isEmpty: Bool { head == items.count }

    /// Whether anything but advertisements waits.
    public var holdsLinkEvents: Bool {
        items[head...].contains { item in
            switch item {
            case .event(.advertisement), .heard: false
            default: true
            }
        }
    }

    /// Appends an item.
    @inlinable
    public mutating func append(_ item: FakeInboxItem) {
        if head > 0, items.count == items.capacity {
            // Rather than to grow.
            items.removeFirst(head)
            head = 0
        }
        items.append(item)
    }

    /// Takes the oldest item.
    @inlinable
    public mutating func popFirst() -> FakeInboxItem? {
        guard head < items.count else { return nil }
        let item = items[head]
        head += 1
        if head == items.count {
            // What a burst needed is given back.
            items.removeAll(keepingCapacity: items.capacity <= 4)
            head = 0
        }
        return item
    }
}
