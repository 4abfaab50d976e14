public import ByteCoding

/// One advertisement as the controller heard it (Core 5.4 Vol 4 Part E 7.7.65.2).
///
/// | offset | size | field   | meaning                                                          |
/// |-------:|-----:|---------|------------------------------------------------------------------|
/// |      0 |    1 | type    | 0 ADV_IND, 1 directed, 2 ADV_SCAN_IND, 3 ADV_NONCONN_IND, 4 SCAN_RSP |
/// |      1 |    7 | address | of the advertiser                                                |
/// |      8 |    1 | length  | of the data, 0...31                                              |
/// |      9 |    n | data    | AD structures                                                    |
/// |    9+n |    1 | rssi    | dBm, 127 not known                                               |
public struct AdvertisingReport: WireMessage {
    /// Kind of the packet.
    public var type: UInt8
    /// Who advertises.
    public var address: DeviceAddress
    /// The payload.
    public var data: InlineBytes<31>
    /// Signal strength in dBm, 127 if not known.
    public var rssi: Int8

    /// Whether a connection to the advertiser can be opened.
    public var isConnectable: Bool { type == 0 || type == 1 }

    /// A report from its fields.
    public init(type: UInt8, address: DeviceAddress, data: InlineBytes<31>, rssi: Int8) {
        self.type = type
        self.address = address
        self.data = data
        self.rssi = rssi
    }

    /// Decodes one report.
    public init(from reader: inout ByteReader) throws(CodingError) {
        type = try reader.read()
        address = try DeviceAddress(from: &reader)
        let count = try reader.read(UInt8.self)
        data = try reader.readBytes(Int(count))
        rssi = try reader.read()
    }

    /// Appends one report.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(type)
        try address.encode(into: &writer)
        try writer.write(UInt8(data.count))
        try writer.write(data)
        try writer.write(rssi)
    }
}
