public import ByteCoding

/// A device address with its type, as inside messages (protocol §0, BleGapAddr).
///
/// Little-endian, 7 bytes.
///
/// | offset | size | field | meaning                                                               |
/// |-------:|-----:|-------|-----------------------------------------------------------------------|
/// |      0 |    1 | type  | 0 public, 1 random static, 2 and 3 random private, 0xFF unset         |
/// |      1 |    6 | value | the address, least significant byte first                             |
public struct BleGapAddress: PackedElement, Hashable {
    /// Bytes of the encoded form.
    public static let encodedSize = 7

    /// What kind of address it is.
    public var type: AddressType
    /// The 48 bits of the address; higher bits are not encoded.
    public var value: UInt64

    /// The kind of an address; unknown values are kept.
    public struct AddressType: RawRepresentable, Hashable, Sendable {
        /// The value on the wire.
        public var rawValue: UInt8

        /// The kind `rawValue`.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Assigned by the manufacturer.
        public static let `public` = AddressType(rawValue: 0)
        /// Chosen at random and kept.
        public static let randomStatic = AddressType(rawValue: 1)
        /// Changes, resolvable with a key.
        public static let randomPrivateResolvable = AddressType(rawValue: 2)
        /// Changes, not resolvable.
        public static let randomPrivateNonResolvable = AddressType(rawValue: 3)
        /// No address.
        public static let unset = AddressType(rawValue: 0xFF)
    }

    /// An address from its fields.
    public init(type: AddressType, value: UInt64) {
        self.type = type
        self.value = value
    }

    /// Byte `index`, 0 the least significant, 0..<6.
    public func byte(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: value >> (UInt64(index) * 8)) }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        type = AddressType(rawValue: try reader.read())
        let low = try reader.read(UInt32.self)
        let high = try reader.read(UInt16.self)
        value = UInt64(high) << 32 | UInt64(low)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(type.rawValue)
        try writer.write(UInt32(truncatingIfNeeded: value))
        try writer.write(UInt16(truncatingIfNeeded: value >> 32))
    }
}
