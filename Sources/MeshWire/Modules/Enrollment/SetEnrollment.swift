public import ByteCoding

/// Makes a device a member of a network (protocol §10.5, TA 5/0).
///
/// Little-endian, 73 bytes; shorter ones down to 8 are accepted, and a field that is not there in full is missing.
///
/// | offset | size | field              | meaning                                              |
/// |-------:|-----:|--------------------|------------------------------------------------------|
/// |      0 |    4 | serialNumber       | the device                                           |
/// |      4 |    2 | newNodeID          |                                                      |
/// |      6 |    2 | newNetworkID       |                                                      |
/// |      8 |   16 | newNetworkKey      | missing or all zero: keep the old key                |
/// |     24 |   16 | newUserBaseKey     | missing or all zero: keep the old key                |
/// |     40 |   16 | newOrganizationKey | missing or all zero: keep the old key                |
/// |     56 |   16 | nodeKey            | of the device; missing or all FF: not over the mesh, all zero: key ZERO |
/// |     72 |    1 | options            | bits 0-6 timeout in s, bit 7 only if unenrolled      |
public struct SetEnrollment: WireMessage {
    /// Bytes of the shortest encoded form.
    public static let minimumSize = 8

    static let timeoutSecondsField = BitField<UInt8>(offset: 0, width: 7)
    static let onlyIfUnenrolledField = BitField<UInt8>(offset: 7, width: 1)

    /// The device.
    public var serialNumber: SerialNumber
    /// Its id in the network.
    public var newNodeID: NodeID
    /// The network.
    public var newNetworkID: NetworkID
    /// Key of the network; nil if missing.
    public var newNetworkKey: FixedBytes<16>?
    /// Root of the user keys; nil if missing.
    public var newUserBaseKey: FixedBytes<16>?
    /// Key of the organisation; nil if missing.
    public var newOrganizationKey: FixedBytes<16>?
    /// Key of the device, for enrolment over the mesh; nil if missing.
    public var nodeKey: FixedBytes<16>?
    /// Bounds for enrolment over the mesh; nil if missing.
    public var options: Options?

    /// The last byte.
    public struct Options: Hashable, Sendable {
        /// How long to look for the device, 0...127 s.
        public var timeoutSeconds: UInt8
        /// Whether a device that is enrolled already is left alone.
        public var onlyIfUnenrolled: Bool

        /// Options from their fields.
        public init(timeoutSeconds: UInt8, onlyIfUnenrolled: Bool) {
            self.timeoutSeconds = timeoutSeconds
            self.onlyIfUnenrolled = onlyIfUnenrolled
        }
    }

    /// A request from its fields.
    public init(
        serialNumber: SerialNumber,
        newNodeID: NodeID,
        newNetworkID: NetworkID,
        newNetworkKey: FixedBytes<16>? = nil,
        newUserBaseKey: FixedBytes<16>? = nil,
        newOrganizationKey: FixedBytes<16>? = nil,
        nodeKey: FixedBytes<16>? = nil,
        options: Options? = nil
    ) {
        self.serialNumber = serialNumber
        self.newNodeID = newNodeID
        self.newNetworkID = newNetworkID
        self.newNetworkKey = newNetworkKey
        self.newUserBaseKey = newUserBaseKey
        self.newOrganizationKey = newOrganizationKey
        self.nodeKey = nodeKey
        self.options = options
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        serialNumber = try SerialNumber(from: &reader)
        newNodeID = NodeID(try reader.read())
        newNetworkID = NetworkID(try reader.read())
        newNetworkKey = try Self.key(from: &reader)
        newUserBaseKey = try Self.key(from: &reader)
        newOrganizationKey = try Self.key(from: &reader)
        nodeKey = try Self.key(from: &reader)
        guard nodeKey != nil, reader.remaining >= 1 else {
            options = nil
            return
        }
        let byte = try reader.read(UInt8.self)
        options = Options(
            timeoutSeconds: Self.timeoutSecondsField.get(byte),
            onlyIfUnenrolled: Self.onlyIfUnenrolledField.get(byte) == 1
        )
    }

    /// Encodes up to the last field that is there; missing keys before it are sent as the bytes that mean the same.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try serialNumber.encode(into: &writer)
        try writer.write(newNodeID.rawValue)
        try writer.write(newNetworkID.rawValue)
        let present: [Bool] = [
            newNetworkKey != nil, newUserBaseKey != nil, newOrganizationKey != nil, nodeKey != nil, options != nil,
        ]
        let count = (present.lastIndex(of: true) ?? -1) + 1
        let unchanged = FixedBytes<16>(repeating: 0)
        if count > 0 { try (newNetworkKey ?? unchanged).encode(into: &writer) }
        if count > 1 { try (newUserBaseKey ?? unchanged).encode(into: &writer) }
        if count > 2 { try (newOrganizationKey ?? unchanged).encode(into: &writer) }
        if count > 3 { try (nodeKey ?? FixedBytes(repeating: 0xFF)).encode(into: &writer) }
        if let options {
            var byte: UInt8 = 0
            Self.timeoutSecondsField.set(options.timeoutSeconds, in: &byte)
            Self.onlyIfUnenrolledField.set(options.onlyIfUnenrolled ? 1 : 0, in: &byte)
            try writer.write(byte)
        }
    }

    private static func key(from reader: inout ByteReader) throws(CodingError) -> FixedBytes<16>? {
        reader.remaining >= 16 ? try FixedBytes(from: &reader) : nil
    }
}
