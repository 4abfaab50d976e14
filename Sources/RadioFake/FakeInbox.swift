public import RadioPort

/// What waits to be told to a node.
public enum FakeInboxItem: Sendable {
    /// An event of the port.
    case event(RadioEvent)
    /// The peer asked for an MTU: the radio answers, then both ends know.
    case mtuRequest(link: LinkID, mtu: UInt16)
}

/// Events for one node, oldest first; the memory is reused.
public struct FakeInbox: Sendable {
    private var items: ContiguousArray<FakeInboxItem> = []
    private var head = 0

    /// Nothing waits.
    public init() {}

    /// Number of items that wait.
    public var count: Int { items.count - head }

    /// Whether nothing waits.
    public var isEmpty: Bool { head == items.count }

    /// Whether anything but advertisements waits.
    public var holdsLinkEvents: Bool {
        items[head...].contains { item in
            if case .event(.advertisement) = item { false } else { true }
        }
    }

    /// Appends an item.
    public mutating func append(_ item: FakeInboxItem) { items.append(item) }

    /// Takes the oldest item.
    public mutating func popFirst() -> FakeInboxItem? {
        guard head < items.count else { return nil }
        let item = items[head]
        head += 1
        if head == items.count {
            items.removeAll(keepingCapacity: true)
            head = 0
        }
        return item
    }
}
