public import ByteCoding

/// An advertisement as the kernel tells it (events 0x0012 and, behind two bytes that name the monitor, 0x002F).
///
/// | offset | size | field   | meaning                                       |
/// |-------:|-----:|---------|-----------------------------------------------|
/// |      0 |    6 | address | least significant byte first                  |
/// |      6 |    1 | type    | 0 BR/EDR, 1 LE public, 2 LE random            |
/// |      7 |    1 | rssi    | dBm, 127 not known                            |
/// |      8 |    4 | flags   | bit 2: not connectable                        |
/// |     12 |    2 | length  | of the data                                   |
/// |     14 |    n | data    | AD structures                                 |
public struct DeviceFound: WireMessage {
    /// Address of the advertiser.
    public var address: UInt64
    /// Kind of the address: 1 LE public, 2 LE random.
    public var addressType: UInt8
    /// Signal strength in dBm.
    public var rssi: Int8
    /// What is known beside.
    public var flags: UInt32
    /// The advertisement, with its scan response behind it if there was one.
    public var data: InlineBytes<255>

    /// Whether a connection to the advertiser can be opened.
    public var isConnectable: Bool { flags & 1 << 2 == 0 }

    /// An advertisement from its fields.
    public init(address: UInt64, addressType: UInt8, rssi: Int8, flags: UInt32, data: InlineBytes<255>) {
        self.address = address
        self.addressType = addressType
        self.rssi = rssi
        self.flags = flags
        self.data = data
    }

    /// Decodes one; what follows it is left alone.
    public init(from reader: inout ByteReader) throws(CodingError) {
        address = try reader.readUInt48()
        addressType = try reader.read()
        rssi = try reader.read()
        flags = try reader.read()
        let count = try reader.read(UInt16.self)
        data = try reader.readBytes(Int(count))
    }

    /// Appends one.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.writeUInt48(address)
        try writer.write(addressType)
        try writer.write(rssi)
        try writer.write(flags)
        try writer.write(UInt16(data.count))
        try writer.write(data)
    }
}
