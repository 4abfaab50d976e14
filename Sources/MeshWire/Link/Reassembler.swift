public import ByteCoding

/// Puts the messages of a link together again (protocol §5.6).
///
/// A frame that is no piece is a message. Pieces must come in order, counter 0 starts a message, every piece but the last
/// must fill the write. Whatever breaks a rule drops the whole message; its remaining pieces are then ignored.
@frozen
public struct Reassembler: Equatable, Sendable {
    // Out of line: few links are in the middle of a message.
    @usableFromInline var buffer: ContiguousArray<UInt8> = []
    @usableFromInline var state: State

    @usableFromInline
    enum State: Equatable, Sendable {
        /// No piece has come yet, or the last message is complete.
        case idle
        /// Pieces below `expected` are in the buffer.
        case collecting(expected: UInt8)
        /// The message is lost, its remaining pieces may still come.
        case dropping
    }

    /// What a frame led to.
    @frozen
    public enum Result: Equatable, Sendable {
        /// A message is complete.
        case message(MessageBytes)
        /// More pieces are needed.
        case incomplete
        /// The frame, and the message it belongs to, is lost.
        case dropped(Fault)
        /// A piece of a message that was dropped before.
        case ignored
    }

    /// Why a message was dropped.
    @frozen
    public enum Fault: UInt8, CaseIterable, Sendable {
        /// A piece is missing, or came twice (error log code 45).
        case missingPiece
        /// A piece that is not the last does not fill the write (error log code 46).
        case notFullSize
        /// The message exceeds 200 bytes.
        case tooLong
        /// A message of less than 5 bytes, or a piece without counter.
        case tooShort
    }

    /// A reassembler without pieces.
    @inlinable
    public init() {
        state = .idle
    }

    /// Forgets the pieces collected so far.
    @inlinable
    public mutating func reset() {
        buffer.removeAll()
        state = .idle
    }

    /// Whether a frame is a message by itself, for which ``accept(_:payloadSize:)`` need not be asked.
    @inlinable
    public static func isWhole<let capacity: Int>(_ frame: InlineBytes<capacity>) -> Bool {
        guard frame.count >= MessageHeader.encodedSize, frame.count <= 200 else { return false }
        let type = MessageType(rawValue: frame[0])
        return type != .split && type != .splitEnd
    }

    /// Takes the next frame of the link; `payloadSize` is P, the bytes of a full write.
    @inlinable
    public mutating func accept<let capacity: Int>(_ frame: InlineBytes<capacity>, payloadSize: Int) -> Result {
        guard frame.count > 0 else { return .dropped(.tooShort) }
        switch MessageType(rawValue: frame[0]) {
        case .split: return acceptPiece(frame, isLast: false, payloadSize: payloadSize)
        case .splitEnd: return acceptPiece(frame, isLast: true, payloadSize: payloadSize)
        default:
            guard frame.count >= MessageHeader.encodedSize else { return .dropped(.tooShort) }
            guard frame.count <= 200 else { return .dropped(.tooLong) }
            return .message(frame.withBytes { MessageBytes(prefixOf: $0) })
        }
    }

    @inlinable
    mutating func acceptPiece<let capacity: Int>(
        _ frame: InlineBytes<capacity>,
        isLast: Bool,
        payloadSize: Int
    ) -> Result {
        guard frame.count >= SplitFragment.headerSize else { return drop(.tooShort, isLast: isLast) }
        let counter = frame[1]
        if counter == 0 {
            buffer.removeAll()
            state = .collecting(expected: 0)
        }
        guard case .collecting(let expected) = state else {
            guard state == .dropping else { return drop(.missingPiece, isLast: isLast) }
            if isLast { state = .idle }
            return .ignored
        }
        guard counter == expected else { return drop(.missingPiece, isLast: isLast) }
        guard isLast || frame.count == payloadSize else { return drop(.notFullSize, isLast: isLast) }
        guard buffer.count + frame.count - SplitFragment.headerSize <= 200 else {
            return drop(.tooLong, isLast: isLast)
        }
        for index in SplitFragment.headerSize..<frame.count {
            buffer.append(frame[index])
        }
        guard isLast else {
            // A counter beyond 200 cannot follow: every piece adds at least one byte.
            state = .collecting(expected: counter &+ 1)
            return .incomplete
        }
        guard buffer.count >= MessageHeader.encodedSize else { return drop(.tooShort, isLast: true) }
        let message = MessageBytes(prefixOf: buffer.span.bytes)
        reset()
        return .message(message)
    }

    @inlinable
    mutating func drop(_ fault: Fault, isLast: Bool) -> Result {
        buffer.removeAll()
        state = isLast ? .idle : .dropping
        return .dropped(fault)
    }
}
