public import ByteCoding

/// Cuts a message into the frames of a link, one after the other (protocol §5.6).
///
/// A message of at most P bytes is one frame, unmodified. A longer one becomes `ceil(length / (P-2))` frames: each starts
/// with a type and a counter, and all but the last are exactly P bytes long.
@frozen
public struct Splitter: Sendable {
    /// The message that is cut.
    public let message: MessageBytes
    /// P: bytes of a write, 3...64.
    public let payloadSize: Int
    @usableFromInline var next: Int

    /// Starts with the first frame; a payload size outside 3...64 is a programmer error.
    @inlinable
    public init(_ message: MessageBytes, payloadSize: Int) {
        precondition((3...64).contains(payloadSize))
        self.message = message
        self.payloadSize = payloadSize
        next = 0
    }

    /// Frames that the whole message needs.
    @inlinable
    public var frameCount: Int { Self.frameCount(length: message.count, payloadSize: payloadSize) }

    /// Frames that a message of `length` bytes needs.
    @inlinable
    public static func frameCount(length: Int, payloadSize: Int) -> Int {
        guard length > payloadSize else { return 1 }
        let piece = payloadSize - SplitFragment.headerSize
        return (length + piece - 1) / piece
    }

    /// The next frame; nil after the last.
    @inlinable
    public mutating func nextFrame() -> FrameBytes? {
        let count = frameCount
        guard next < count else { return nil }
        var frame = FrameBytes()
        var range = 0..<message.count
        if count > 1 {
            let piece = payloadSize - SplitFragment.headerSize
            range = next * piece..<min((next + 1) * piece, message.count)
            frame.append((next + 1 == count ? MessageType.splitEnd : .split).rawValue)
            frame.append(UInt8(truncatingIfNeeded: next))
        }
        for index in range {
            frame.append(message[index])
        }
        next += 1
        return frame
    }
}
