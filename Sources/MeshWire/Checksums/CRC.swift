/// The checksums of the protocol (protocol §11.3).
public enum CRC {
    /// A sum, not a polynomial: t = 2c + byte, then c = t mod 256 + t div 256, modulo 256.
    public static func crc8(_ bytes: some Sequence<UInt8>) -> UInt8 {
        var sum: UInt8 = 0
        for byte in bytes {
            let step = 2 * UInt32(sum) + UInt32(byte)
            sum = UInt8(truncatingIfNeeded: step & 0xFF + step >> 8)
        }
        return sum
    }

    /// CRC-16 with polynomial 0x1021, most significant bit first; pass the previous result to go on with a further block.
    public static func crc16(_ bytes: some Sequence<UInt8>, continuing previous: UInt16 = 0xFFFF) -> UInt16 {
        var remainder = previous
        for byte in bytes {
            remainder ^= UInt16(byte) << 8
            for _ in 0..<8 {
                remainder = remainder & 0x8000 != 0 ? remainder << 1 ^ 0x1021 : remainder << 1
            }
        }
        return remainder
    }

    /// CRC-32 as in zlib; pass the previous result to go on with a further block.
    public static func crc32(_ bytes: some Sequence<UInt8>, continuing previous: UInt32 = 0) -> UInt32 {
        var remainder = ~previous
        for byte in bytes {
            remainder ^= UInt32(byte)
            for _ in 0..<8 {
                remainder = remainder & 1 != 0 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1
            }
        }
        return ~remainder
    }
}
