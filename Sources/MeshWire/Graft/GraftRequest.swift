public import ByteCoding

/// Asks the parent for the role of the root, which the sender or somebody below it needs to concede.
///
/// At most one is on its way over a link; the answer is ``GraftRole``. Who has no more use for the role takes the request back.
///
/// Little-endian, 6 bytes.
///
/// | offset | size | field  | meaning                                                                         |
/// |-------:|-----:|--------|---------------------------------------------------------------------------------|
/// |      0 |    5 | header | type 44                                                                         |
/// |      5 |    1 | cost   | what the wanted concession costs, 255 unknown; 254: what was asked is taken back |
@frozen
public struct GraftRequest: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 6
    /// The cost when nothing is known about it.
    public static let unknownCost: UInt8 = 255
    /// In place of a cost: the role that was asked for is not wanted any more.
    ///
    /// Whoever does not know this takes it for the request that it has already.
    public static let withdrawn: UInt8 = 254

    /// The child that asks.
    public var sender: NodeID
    /// Its parent.
    public var receiver: NodeID
    /// What the wanted concession costs, the less the better; 255 unknown, 254 taken back.
    public var cost: UInt8
    /// Whether this takes back what was asked before.
    public var isWithdrawn: Bool { cost == Self.withdrawn }

    /// A message from its fields.
    public init(sender: NodeID, receiver: NodeID, cost: UInt8 = Self.unknownCost) {
        self.sender = sender
        self.receiver = receiver
        self.cost = cost
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .graftRequest)
        sender = header.sender
        receiver = header.receiver
        cost = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .graftRequest, sender: sender, receiver: receiver).encode(into: &writer)
        try writer.write(cost)
    }
}
