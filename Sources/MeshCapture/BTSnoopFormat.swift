/// The btsnoop file format: records of packets between host and controller, in network byte order (RFC 1761 with other data).
///
/// File: `btsnoop` and a zero byte, version 1, datalink 1002 (H4). Record:
///
/// | offset | size | field                                                          |
/// |-------:|-----:|----------------------------------------------------------------|
/// |      0 |    4 | length of the packet                                           |
/// |      4 |    4 | length of what is stored of it                                 |
/// |      8 |    4 | bit 0: from the controller; bit 1: command or event            |
/// |     12 |    4 | packets lost so far                                            |
/// |     16 |    8 | microseconds since the year 0                                  |
/// |     24 |    n | packet, H4 type first                                          |
enum BTSnoopFormat {
    /// Bytes of a record beside its packet.
    static let recordHeaderSize = 24
    /// Microseconds from the beginning of the format's time to 1970.
    private static let epoch: UInt64 = 0x00DC_DDB3_0F2F_8000

    static let fileHeader: [UInt8] = Array("btsnoop\0".utf8) + bigEndian(UInt32(1)) + bigEndian(UInt32(1002))

    /// One record.
    ///
    /// - Parameters:
    ///   - packet: H4, type byte first.
    ///   - sent: whether it went to the controller.
    ///   - lost: packets that could not be stored before.
    ///   - microseconds: since 1970.
    /// - Returns: the bytes of the record.
    static func record(_ packet: [UInt8], sent: Bool, lost: UInt32, microseconds: UInt64) -> [UInt8] {
        let isData = packet.first == 2
        let flags: UInt32 = (sent ? 0 : 1) | (isData ? 0 : 2)
        var record: [UInt8] = []
        record.reserveCapacity(recordHeaderSize + packet.count)
        record += bigEndian(UInt32(packet.count))
        record += bigEndian(UInt32(packet.count))
        record += bigEndian(flags)
        record += bigEndian(lost)
        record += bigEndian(microseconds &+ epoch)
        record += packet
        return record
    }

    private static func bigEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        stride(from: Value.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> Value($0)) }
    }
}
