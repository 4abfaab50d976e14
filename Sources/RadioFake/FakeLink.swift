public import RadioPort

/// A write that waits in the radio for its connection event.
public struct FakeWrite: Sendable {
    /// Attribute of the peer.
    public var handle: AttributeHandle
    /// What to write or notify.
    public var value: AttributeValue
    /// How it travels.
    public var kind: Kind

    /// How a value travels.
    public enum Kind: UInt8, Sendable {
        /// Write Command.
        case command
        /// Write Request, answered in the same event.
        case request
        /// Notification.
        case notification
    }

    /// A write of a value.
    public init(handle: AttributeHandle, value: AttributeValue, kind: Kind) {
        self.handle = handle
        self.value = value
        self.kind = kind
    }
}

/// The writes that one end of a link has handed to its radio: first in, first out.
public struct FakeSendBuffer: Sendable {
    @usableFromInline var writes: ContiguousArray<FakeWrite> = []
    @usableFromInline var head = 0

    /// Room for 7 commands and one request (protocol §5.4), and a spare for a RECONNECT; a further write is dropped.
    public static let capacity = 16

    /// Nothing waits.
    public init() {}

    /// Whether nothing waits.
    @inlinable public var isEmpty: Bool { head == writes.count }

    /// The oldest write.
    @inlinable public var first: FakeWrite? { isEmpty ? nil : writes[head] }

    /// Appends a write; false if there is no room.
    @inlinable
    public mutating func append(_ write: FakeWrite) -> Bool {
        guard writes.count - head < Self.capacity else { return false }
        if head > 0, writes.count == writes.capacity {
            // What never runs dry would grow for ever.
            writes.removeFirst(head)
            head = 0
        }
        writes.append(write)
        return true
    }

    /// Forgets the oldest write.
    @inlinable
    public mutating func removeFirst() {
        guard head < writes.count else { return }
        head += 1
        if head == writes.count {
            // What a burst needed is given back.
            writes.removeAll(keepingCapacity: writes.capacity <= 4)
            head = 0
        }
    }

    /// Forgets everything.
    public mutating func removeAll() {
        writes.removeAll(keepingCapacity: true)
        head = 0
    }
}
