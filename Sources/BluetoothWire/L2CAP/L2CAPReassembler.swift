import ByteCoding

/// Puts the frames of one connection together from packets of the controller (Core 5.4 Vol 3 Part A 7.2.1).
///
/// A frame begins with its length and its channel, two bytes each. Memory is bounded by one frame of ``frameMax`` bytes;
/// a longer one, a continuation of nothing, and a frame that ends early or late are dropped whole.
public struct L2CAPReassembler: Sendable {
    /// What follows from a packet.
    public enum Outcome: Equatable, Sendable {
        /// More packets are needed.
        case incomplete
        /// A whole frame: its channel and payload.
        case frame(channel: UInt16, payload: [UInt8])
        /// The packet, and what came before it of the frame, was dropped.
        case dropped(Fault)
    }

    /// Why something was dropped.
    public enum Fault: Equatable, Sendable {
        /// A continuation came without a beginning; so do the rest of a dropped frame's packets.
        case noBeginning
        /// A new frame began before the last was complete; the new one goes on.
        case cutShort
        /// The frame announces more bytes than are accepted.
        case tooLong
        /// There are more bytes than the frame announced.
        case trailingBytes
    }

    /// Longest payload of a frame: the longest attribute value, 512 bytes, and what surrounds it.
    public static let frameMax = 520

    private var buffer: [UInt8] = []
    private var isOpen = false

    /// Nothing is under way.
    public init() {}

    /// Takes the payload of one packet.
    public mutating func accept(_ packet: ArraySlice<UInt8>, isContinuation: Bool) -> Outcome {
        guard isContinuation else {
            let cutShort = isOpen
            buffer = Array(packet)
            isOpen = true
            let outcome = progress()
            // A whole frame is worth more than the loss of the one before it, which its sender gave up.
            return cutShort && outcome == .incomplete ? .dropped(.cutShort) : outcome
        }
        guard isOpen else { return .dropped(.noBeginning) }
        buffer.append(contentsOf: packet)
        return progress()
    }

    private mutating func progress() -> Outcome {
        guard buffer.count >= 4 else { return .incomplete }
        let length = Int(buffer[0]) | Int(buffer[1]) << 8
        guard length <= Self.frameMax else { return drop(.tooLong) }
        guard buffer.count >= 4 + length else { return .incomplete }
        guard buffer.count == 4 + length else { return drop(.trailingBytes) }
        let channel = UInt16(buffer[2]) | UInt16(buffer[3]) << 8
        let payload = Array(buffer[4...])
        isOpen = false
        buffer.removeAll(keepingCapacity: true)
        return .frame(channel: channel, payload: payload)
    }

    private mutating func drop(_ fault: Fault) -> Outcome {
        isOpen = false
        buffer.removeAll(keepingCapacity: true)
        return .dropped(fault)
    }
}
