/// Takes keys out of HCI commands before they are stored.
enum KeyRedaction {
    private static let keySize = 16

    /// The packet, with zeros where a long-term key was.
    ///
    /// LE Enable Encryption carries it at byte 16, LE Long Term Key Request Reply at byte 6, both counted from the H4 type
    /// (Core 5.4 Vol 4 Part E 7.8.24, 7.8.25).
    static func redacted(_ packet: [UInt8]) -> [UInt8] {
        guard packet.count >= 4, packet[0] == 1 else { return packet }
        let offset: Int
        switch UInt16(packet[1]) | UInt16(packet[2]) << 8 {
        case 0x2019: offset = 16
        case 0x201A: offset = 6
        default: return packet
        }
        guard packet.count > offset else { return packet }
        var packet = packet
        for index in offset..<min(offset + keySize, packet.count) { packet[index] = 0 }
        return packet
    }
}
