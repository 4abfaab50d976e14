import ByteCoding
import MeshWire

/// Messages of one priority on one link, in order, kept until the radio has sent them (protocol §5.8, §5.9).
///
/// Messages lie one behind the other in one buffer, each behind its length. Three marks move over it: *head*, the first
/// message not yet confirmed; *cursor*, the message being transmitted; *end*. After a link loss the cursor goes back to the
/// head, so that nothing unconfirmed is lost.
struct PacketQueue: Sendable {
    private var buffer: ContiguousArray<UInt8> = []
    private var head = 0
    private var cursor = 0
    /// Bytes of the message at the cursor that went out as pieces already.
    private var sentOfMessage = 0
    private var pieceCounter: UInt8 = 0

    /// Bytes not yet confirmed.
    var byteCount: Int { buffer.count - head }
    /// Whether every message has been handed to the radio.
    var isDrained: Bool { cursor == buffer.count }
    /// Whether the message at the cursor is partly out.
    var isSplitting: Bool { sentOfMessage > 0 }

    /// Messages not yet confirmed; counts them.
    var messageCount: Int {
        var count = 0
        var position = head
        while position < buffer.count {
            position += 1 + Int(buffer[position])
            count += 1
        }
        return count
    }

    /// Send memory in chunks, beyond the one that is always reserved.
    var sharedChunks: Int { max(0, (byteCount + Limits.queueChunkBytes - 1) / Limits.queueChunkBytes - 1) }

    /// Type of the message at the cursor.
    var nextType: MessageType? { isDrained ? nil : MessageType(rawValue: buffer[cursor + 1]) }

    /// Whether a message of a type was handed out, whole or in part, and is not confirmed.
    func hasBegun(_ type: MessageType) -> Bool {
        var position = head
        while position < cursor || position == cursor && isSplitting {
            if MessageType(rawValue: buffer[position + 1]) == type { return true }
            position += 1 + Int(buffer[position])
        }
        return false
    }

    mutating func append(_ message: MessageBytes) {
        compact(for: message.count + 1)
        buffer.append(addingCapacity: message.count + 1) { output in
            output.append(UInt8(truncatingIfNeeded: message.count))
            message.forEach { output.append($0) }
        }
    }

    /// The next write for the link: the whole message, or one piece of it if it is longer than `payload`.
    ///
    /// - Returns: the bytes, and whether they end their message; nil if drained.
    mutating func takeNext<let capacity: Int>(
        payload: Int,
        into bytes: inout InlineBytes<capacity>
    ) -> Bool? {
        guard !isDrained else { return nil }
        let length = Int(buffer[cursor])
        bytes.removeAll()
        if sentOfMessage == 0, length <= payload {
            copy(from: cursor + 1, count: length, to: &bytes)
            cursor += 1 + length
            return true
        }
        let count = min(payload - 2, length - sentOfMessage)
        let isLast = sentOfMessage + count == length
        bytes.append(isLast ? MessageType.splitEnd.rawValue : MessageType.split.rawValue)
        bytes.append(pieceCounter)
        copy(from: cursor + 1 + sentOfMessage, count: count, to: &bytes)
        if isLast {
            cursor += 1 + length
            sentOfMessage = 0
            pieceCounter = 0
        } else {
            sentOfMessage += count
            pieceCounter &+= 1
        }
        return isLast
    }

    /// The first unconfirmed message has been sent whole.
    mutating func confirm() {
        guard head < buffer.count else { return }
        head += 1 + Int(buffer[head])
        cursor = max(cursor, head)
        if head == buffer.count {
            // A backlog that is over gives its memory back.
            buffer.removeAll(keepingCapacity: buffer.capacity <= Limits.queueChunkBytes)
            head = 0
            cursor = 0
        }
    }

    /// Everything unconfirmed shall be sent again.
    mutating func rollBack() {
        cursor = head
        sentOfMessage = 0
        pieceCounter = 0
    }

    /// Drops every message that was handed out, whole or in part.
    mutating func forgetBegun() {
        if isSplitting {
            cursor += 1 + Int(buffer[cursor])
            sentOfMessage = 0
            pieceCounter = 0
        }
        head = cursor
        if head == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            head = 0
            cursor = 0
        }
    }

    private func copy<let capacity: Int>(from start: Int, count: Int, to bytes: inout InlineBytes<capacity>) {
        bytes.append(contentsOf: buffer.span.extracting(start..<start + count).bytes)
    }

    /// Moves the content to the front rather than to grow, and once the confirmed part outweighs it.
    private mutating func compact(for bytes: Int) {
        let isFull = buffer.count + bytes > buffer.capacity
        guard head > 0, isFull || head > Limits.queueChunkBytes && head * 2 > buffer.count else { return }
        buffer.removeFirst(head)
        cursor -= head
        head = 0
    }
}
