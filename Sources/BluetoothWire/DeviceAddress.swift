public import ByteCoding

/// A Bluetooth device address as HCI carries it (Core 5.4 Vol 4 Part E 7.8.12).
///
/// Seven bytes, the type first.
///
/// | offset | size | field | meaning                                              |
/// |-------:|-----:|-------|------------------------------------------------------|
/// |      0 |    1 | type  | 0 public, 1 random, 2 and 3 identity addresses       |
/// |      1 |    6 | value | least significant byte first                         |
@frozen
public struct DeviceAddress: WireMessage, Hashable {
    /// How the address is to be read.
    public var type: UInt8
    /// The 48 bits as a number.
    public var value: UInt64

    /// An address; bits of `value` above the 48th are cut off.
    public init(type: UInt8, value: UInt64) {
        self.type = type
        self.value = value & 0xFFFF_FFFF_FFFF
    }

    /// Decodes type and value.
    public init(from reader: inout ByteReader) throws(CodingError) {
        type = try reader.read()
        value = try reader.readUInt48()
    }

    /// Appends type and value.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(type)
        try writer.writeUInt48(value)
    }
}

extension ByteReader {
    /// Reads six bytes, least significant first.
    mutating func readUInt48() throws(CodingError) -> UInt64 {
        let low = try read(UInt32.self)
        let high = try read(UInt16.self)
        return UInt64(low) | UInt64(high) << 32
    }
}

extension ByteWriter {
    /// Appends the low six bytes, least significant first.
    mutating func writeUInt48(_ value: UInt64) throws(CodingError) {
        try write(UInt32(truncatingIfNeeded: value))
        try write(UInt16(truncatingIfNeeded: value >> 32))
    }
}
