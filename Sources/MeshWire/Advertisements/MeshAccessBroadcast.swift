public import ByteCoding

/// Tells that a node accepts MeshAccess links (protocol §10.10).
///
/// Little-endian, 31 bytes; 23 before version 0.8.5000, which had nothing from the device type on.
///
/// | offset | size | field                | meaning                                                   |
/// |-------:|-----:|----------------------|-----------------------------------------------------------|
/// |      0 |    3 | 02 01 06             | flags                                                     |
/// |      3 |    4 | 03 03 12 FE          | complete list of service UUIDs: 0xFE12                    |
/// |      7 |    4 | 17 16 12 FE          | service data of 0xFE12, length 23 (15 in the short form)  |
/// |     11 |    2 | messageType          | 3, or 8 in emergency mode                                 |
/// |     13 |    2 | network              |                                                           |
/// |     15 |    1 | flags                | bits 0-4 as below, 5-7 reserved                           |
/// |     16 |    4 | serialNumber         |                                                           |
/// |     20 |    3 | modules              | module ids offered, 0 none                                |
/// |     23 |    1 | deviceType           |                                                           |
/// |     24 |    3 | reserved             |                                                           |
/// |     27 |    4 | reservedForEncryption |                                                          |
public struct MeshAccessBroadcast: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 31
    /// Bytes of the encoded form before version 0.8.5000.
    public static let minimumSize = 23
    /// 16-bit UUID of the service data.
    public static let serviceUUID: UInt16 = 0xFE12

    static let isEnrolledField = BitField<UInt8>(offset: 0, width: 1)
    static let isSinkField = BitField<UInt8>(offset: 1, width: 1)
    static let isZeroKeyConnectableField = BitField<UInt8>(offset: 2, width: 1)
    static let hasFreeInConnectionField = BitField<UInt8>(offset: 3, width: 1)
    static let isInterestedInConnectionField = BitField<UInt8>(offset: 4, width: 1)
    static let reservedBitsField = BitField<UInt8>(offset: 5, width: 3)
    /// The AD structures before the length of the service data.
    private static let prefix: InlineArray<7, UInt8> = [0x02, 0x01, 0x06, 0x03, 0x03, 0x12, 0xFE]
    private static let serviceDataType: UInt8 = 0x16
    private static let normalType: UInt16 = 3
    private static let emergencyType: UInt16 = 8

    /// Whether the node advertises in emergency mode.
    public var isEmergency: Bool
    /// The network of the node.
    public var network: NetworkID
    /// Whether the node belongs to a network.
    public var isEnrolled: Bool
    /// Whether the node is a sink.
    public var isSink: Bool
    /// Whether the all-zero key opens it.
    public var isZeroKeyConnectable: Bool
    /// Whether it can take another incoming link.
    public var hasFreeInConnection: Bool
    /// Whether it wants a connection.
    public var isInterestedInConnection: Bool
    /// Three reserved bits, kept as received.
    public var reservedBits: UInt8
    /// The device.
    public var serialNumber: SerialNumber
    /// Up to three module ids offered, 0 for none.
    public var modules: FixedBytes<3>
    /// What later versions added; nil from older nodes.
    public var tail: Tail?

    /// The last 8 bytes.
    public struct Tail: WireMessage {
        /// What the node is for.
        public var deviceType: DeviceType
        /// Reserved bytes, kept as received.
        public var reserved: FixedBytes<3>
        /// Bytes reserved for encryption, kept as received.
        public var reservedForEncryption: UInt32

        /// A tail from its fields.
        public init(
            deviceType: DeviceType,
            reserved: FixedBytes<3> = FixedBytes(),
            reservedForEncryption: UInt32 = 0
        ) {
            self.deviceType = deviceType
            self.reserved = reserved
            self.reservedForEncryption = reservedForEncryption
        }

        /// Decodes the fields in the order of the table.
        public init(from reader: inout ByteReader) throws(CodingError) {
            deviceType = DeviceType(rawValue: try reader.read())
            reserved = try FixedBytes(from: &reader)
            reservedForEncryption = try reader.read()
        }

        /// Encodes the fields in the order of the table.
        public func encode(into writer: inout ByteWriter) throws(CodingError) {
            try writer.write(deviceType.rawValue)
            try reserved.encode(into: &writer)
            try writer.write(reservedForEncryption)
        }
    }

    /// An advertisement from its fields.
    public init(
        isEmergency: Bool = false,
        network: NetworkID,
        isEnrolled: Bool,
        isSink: Bool = false,
        isZeroKeyConnectable: Bool = false,
        hasFreeInConnection: Bool,
        isInterestedInConnection: Bool = false,
        reservedBits: UInt8 = 0,
        serialNumber: SerialNumber,
        modules: FixedBytes<3> = FixedBytes(),
        tail: Tail?
    ) {
        self.isEmergency = isEmergency
        self.network = network
        self.isEnrolled = isEnrolled
        self.isSink = isSink
        self.isZeroKeyConnectable = isZeroKeyConnectable
        self.hasFreeInConnection = hasFreeInConnection
        self.isInterestedInConnection = isInterestedInConnection
        self.reservedBits = reservedBits
        self.serialNumber = serialNumber
        self.modules = modules
        self.tail = tail
    }

    /// Decodes the fields in the order of the table.
    ///
    /// - Throws: `CodingError/invalidField(_:value:)` if it is another advertisement.
    public init(from reader: inout ByteReader) throws(CodingError) {
        for index in Self.prefix.indices {
            let byte = try reader.read(UInt8.self)
            guard byte == Self.prefix[index] else { throw .invalidField("prefix", value: UInt64(byte)) }
        }
        let length = try reader.read(UInt8.self)
        guard length == Self.longLength || length == Self.shortLength else {
            throw .invalidField("length", value: UInt64(length))
        }
        let dataType = try reader.read(UInt8.self)
        guard dataType == Self.serviceDataType else { throw .invalidField("dataType", value: UInt64(dataType)) }
        let service = try reader.read(UInt16.self)
        guard service == Self.serviceUUID else { throw .invalidField("serviceUUID", value: UInt64(service)) }
        let type = try reader.read(UInt16.self)
        guard type == Self.normalType || type == Self.emergencyType else {
            throw .invalidField("messageType", value: UInt64(type))
        }
        isEmergency = type == Self.emergencyType
        network = NetworkID(try reader.read())
        let flags = try reader.read(UInt8.self)
        isEnrolled = Self.isEnrolledField.get(flags) == 1
        isSink = Self.isSinkField.get(flags) == 1
        isZeroKeyConnectable = Self.isZeroKeyConnectableField.get(flags) == 1
        hasFreeInConnection = Self.hasFreeInConnectionField.get(flags) == 1
        isInterestedInConnection = Self.isInterestedInConnectionField.get(flags) == 1
        reservedBits = Self.reservedBitsField.get(flags)
        serialNumber = try SerialNumber(from: &reader)
        modules = try FixedBytes(from: &reader)
        tail = length == Self.longLength ? try Tail(from: &reader) : nil
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        for index in Self.prefix.indices {
            try writer.write(Self.prefix[index])
        }
        try writer.write(tail == nil ? Self.shortLength : Self.longLength)
        try writer.write(Self.serviceDataType)
        try writer.write(Self.serviceUUID)
        try writer.write(isEmergency ? Self.emergencyType : Self.normalType)
        try writer.write(network.rawValue)
        var flags: UInt8 = 0
        Self.isEnrolledField.set(isEnrolled ? 1 : 0, in: &flags)
        Self.isSinkField.set(isSink ? 1 : 0, in: &flags)
        Self.isZeroKeyConnectableField.set(isZeroKeyConnectable ? 1 : 0, in: &flags)
        Self.hasFreeInConnectionField.set(hasFreeInConnection ? 1 : 0, in: &flags)
        Self.isInterestedInConnectionField.set(isInterestedInConnection ? 1 : 0, in: &flags)
        Self.reservedBitsField.set(reservedBits, in: &flags)
        try writer.write(flags)
        try serialNumber.encode(into: &writer)
        try modules.encode(into: &writer)
        if let tail {
            try tail.encode(into: &writer)
        }
    }

    /// Which device advertises, and whether it belongs to a network, for those who hear many: cheaper than to decode all.
    ///
    /// - Parameter data: the advertising data.
    /// - Returns: nil if it is another advertisement.
    public static func device(in data: InlineBytes<31>) -> (serialNumber: SerialNumber, isEnrolled: Bool)? {
        // What tells it from JOIN_ME first.
        guard data.count >= minimumSize, data[3] == prefix[3], data[8] == serviceDataType, data[9] == prefix[5],
            data[10] == prefix[6], data[12] == 0
        else { return nil }
        guard data[7] == shortLength || data[7] == longLength && data.count == encodedSize,
            UInt16(data[11]) == normalType || UInt16(data[11]) == emergencyType
        else { return nil }
        for index in prefix.indices where data[index] != prefix[index] {
            return nil
        }
        var serial: UInt32 = 0
        for index in 0..<4 {
            serial |= UInt32(data[16 + index]) << UInt32(index * 8)
        }
        return (SerialNumber(serial), isEnrolledField.get(data[15]) == 1)
    }

    private static let longLength: UInt8 = 0x17
    private static let shortLength: UInt8 = 0x0F
}
