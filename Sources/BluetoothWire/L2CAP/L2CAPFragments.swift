/// Cuts frames into packets that fit the controller's buffers (Core 5.4 Vol 3 Part A 7.2.1).
public enum L2CAPFragments {
    /// The packets of one frame as H4, type byte first.
    ///
    /// - Parameters:
    ///   - payload: of the frame, at most 65,535 bytes.
    ///   - channel: the channel it goes to.
    ///   - connection: the connection it goes over.
    ///   - packetSize: bytes that a buffer of the controller holds, at least 1; 27, 192 and 251 are common.
    /// - Returns: at least one packet, in the order to send them.
    public static func packets(
        of payload: some Collection<UInt8>,
        to channel: UInt16,
        over connection: ConnectionHandle,
        packetSize: Int
    ) -> [[UInt8]] {
        precondition(packetSize > 0 && payload.count <= 0xFFFF)
        var frame: [UInt8] = []
        frame.reserveCapacity(payload.count + 4)
        frame.append(UInt8(truncatingIfNeeded: payload.count))
        frame.append(UInt8(truncatingIfNeeded: payload.count >> 8))
        frame.append(UInt8(truncatingIfNeeded: channel))
        frame.append(UInt8(truncatingIfNeeded: channel >> 8))
        frame.append(contentsOf: payload)
        return stride(from: 0, to: frame.count, by: packetSize).map { start in
            let piece = frame[start..<min(start + packetSize, frame.count)]
            let header = ACLHeader(
                connection: connection,
                isContinuation: start > 0,
                length: UInt16(truncatingIfNeeded: piece.count)
            )
            return [HCIPacketType.acl.rawValue] + header.bytes + piece
        }
    }
}
