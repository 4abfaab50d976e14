public import ByteCoding

/// Asks a node to open a MeshAccess link to a device by serial number (protocol §10.10, TA 10/2).
///
/// Little-endian, at least 30 bytes.
///
/// | offset | size | field              | meaning                                         |
/// |-------:|-----:|--------------------|-------------------------------------------------|
/// |      0 |    4 | serialNumber       |                                                 |
/// |      4 |    4 | fmKeyID            |                                                 |
/// |      8 |   16 | key                |                                                 |
/// |     24 |    2 | nodeIDAfterConnect | 33000...57999                                   |
/// |     26 |    4 | keepAliveSeconds   | s                                               |
/// |     30 |    7 | address            | missing in version 1                            |
/// |     37 |    1 | mode               | 0 default, 1 force; missing in versions 1 and 2 |
public struct SerialConnect: WireMessage {
    /// Bytes of the shortest encoded form.
    public static let minimumSize = 30

    /// The device.
    public var serialNumber: SerialNumber
    /// Which key to use.
    public var fmKeyID: FmKeyID
    /// The key; all 0xFF is refused.
    public var key: FixedBytes<16>
    /// Id that the partner gets, 33000...57999.
    public var nodeIDAfterConnect: NodeID
    /// How long the link is kept without traffic, in seconds.
    public var keepAliveSeconds: UInt32
    /// Where to connect to; missing in version 1.
    public var address: BleGapAddress?
    /// 0 default, 1 force; missing in versions 1 and 2.
    public var mode: UInt8?

    /// A value from its fields.
    public init(
        serialNumber: SerialNumber,
        fmKeyID: FmKeyID,
        key: FixedBytes<16>,
        nodeIDAfterConnect: NodeID,
        keepAliveSeconds: UInt32,
        address: BleGapAddress? = nil,
        mode: UInt8? = nil
    ) {
        self.serialNumber = serialNumber
        self.fmKeyID = fmKeyID
        self.key = key
        self.nodeIDAfterConnect = nodeIDAfterConnect
        self.keepAliveSeconds = keepAliveSeconds
        self.address = address
        self.mode = mode
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        serialNumber = try SerialNumber(from: &reader)
        fmKeyID = FmKeyID(rawValue: try reader.read())
        key = try FixedBytes(from: &reader)
        nodeIDAfterConnect = NodeID(try reader.read())
        keepAliveSeconds = try reader.read()
        address = reader.remaining >= 7 ? try BleGapAddress(from: &reader) : nil
        mode = address != nil && reader.remaining >= 1 ? try reader.read() : nil
    }

    /// Encodes the fields in the order of the table; a mode without an address is left out.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try serialNumber.encode(into: &writer)
        try writer.write(fmKeyID.rawValue)
        try key.encode(into: &writer)
        try writer.write(nodeIDAfterConnect.rawValue)
        try writer.write(keepAliveSeconds)
        guard let address else { return }
        try address.encode(into: &writer)
        if let mode {
            try writer.write(mode)
        }
    }
}
