import ByteCoding
import MeshCore
import MeshWire

/// A message that is followed from its sender to its receivers: application data that begins with a number.
enum NumberedMessage {
    /// Bytes of the number.
    private static let numberSize = 4

    /// The message.
    ///
    /// - Parameters:
    ///   - number: what it is known by.
    ///   - sender: who sends it.
    ///   - receiver: whom it is for.
    ///   - bytes: length behind the header; less than the number takes is as much as that.
    ///   - filler: what stands behind the number.
    /// - Returns: nil if its header cannot be encoded.
    static func encoded(
        _ number: UInt32,
        from sender: NodeID,
        to receiver: NodeID,
        bytes: Int,
        filler: UInt8
    ) -> MessageBytes? {
        let header = MessageHeader(type: .data1, sender: sender, receiver: receiver)
        guard var message: MessageBytes = try? header.encoded() else { return nil }
        for shift in 0..<numberSize { message.append(UInt8(truncatingIfNeeded: number >> UInt32(shift * 8))) }
        for _ in numberSize..<max(numberSize, bytes) { message.append(filler) }
        return message
    }

    /// The number of a message; nil if it is none of these.
    static func number(of message: MessageBytes) -> UInt32? {
        guard message.count >= MessageHeader.encodedSize + numberSize, message[0] == MessageType.data1.rawValue else {
            return nil
        }
        var number: UInt32 = 0
        for shift in 0..<numberSize {
            number |= UInt32(message[MessageHeader.encodedSize + shift]) << UInt32(shift * 8)
        }
        return number
    }
}
