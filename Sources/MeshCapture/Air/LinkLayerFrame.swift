/// A packet of the link layer as capture files have it (Core 5.4 Vol 6 Part B 2.1; LINKTYPE_BLUETOOTH_LE_LL_WITH_PHDR).
///
/// | offset | size | field                                                    |
/// |-------:|-----:|----------------------------------------------------------|
/// |      0 |    1 | RF channel, 0...39: 0 is 2402 MHz                        |
/// |      1 |    1 | signal strength in dBm                                   |
/// |      2 |    1 | noise in dBm                                             |
/// |      3 |    1 | access address offences                                  |
/// |      4 |    4 | reference access address                                 |
/// |      8 |    2 | flags                                                    |
/// |     10 |    4 | access address                                           |
/// |     14 |    n | PDU                                                      |
/// | 14 + n |    3 | CRC                                                      |
struct LinkLayerFrame {
    /// Which way a packet goes.
    enum Direction: UInt16 {
        case advertising = 0
        case fromCentral = 2
        case fromPeripheral = 3
    }

    static let advertisingAccessAddress: UInt32 = 0x8E89_BED6
    static let advertisingCRC: UInt32 = 0x55_5555
    /// Channel 37, which is where advertisements are put whose channel nobody knows.
    static let advertisingChannel: UInt8 = 0
    /// Data channel 0, likewise.
    static let dataChannel: UInt8 = 1

    var direction: Direction
    var channel: UInt8
    /// In dBm; nil if it is not known.
    var strength: Int8?
    var accessAddress: UInt32
    var initialCRC: UInt32
    var pdu: [UInt8]

    /// Dewhitened, reference address valid, CRC checked and valid.
    private static let alwaysSet: UInt16 = 0x0001 | 0x0010 | 0x0400 | 0x0800
    private static let strengthIsValid: UInt16 = 0x0002

    /// The frame with its pseudo header.
    var bytes: [UInt8] {
        let flags = Self.alwaysSet | (strength == nil ? 0 : Self.strengthIsValid) | direction.rawValue << 7
        var bytes: [UInt8] = [channel, UInt8(bitPattern: strength ?? 0), 0, 0]
        bytes += Self.bytes(accessAddress, 4)
        bytes += [UInt8(truncatingIfNeeded: flags), UInt8(truncatingIfNeeded: flags >> 8)]
        bytes += Self.bytes(accessAddress, 4)
        bytes += pdu
        bytes += Self.bytes(Self.crc(pdu, initial: initialCRC), 3)
        return bytes
    }

    /// Little-endian.
    static func bytes(_ value: some FixedWidthInteger, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    /// The check of a PDU in the order of its bits on air (Core 5.4 Vol 6 Part B 3.1.1): x^24+x^10+x^9+x^6+x^4+x^3+x+1.
    static func crc(_ pdu: [UInt8], initial: UInt32) -> UInt32 {
        var state: UInt32 = 0
        // The register is kept the other way round, so that the first bit on air is the lowest.
        for bit in 0..<24 where initial >> UInt32(bit) & 1 == 1 { state |= 1 << UInt32(23 - bit) }
        for byte in pdu {
            for bit in 0..<8 {
                let isSet = (UInt32(byte) >> UInt32(bit) ^ state) & 1 == 1
                state >>= 1
                if isSet { state ^= 0xDA_6000 }
            }
        }
        return state
    }
}
