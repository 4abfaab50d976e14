public import ByteCoding

/// Asks the parent for the role of the root, which the sender or somebody below it needs to concede.
///
/// At most one is on its way over a link; the answer is ``GraftRole``.
///
/// Little-endian, 6 bytes.
///
/// | offset | size | field  | meaning                                       |
/// |-------:|-----:|--------|-----------------------------------------------|
/// |      0 |    5 | header | type 44                                       |
/// |      5 |    1 | cost   | what the wanted concession costs, 255 unknown |
@frozen
public struct GraftRequest: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 6
    /// The cost when nothing is known about it.
    public static let unknownCost: UInt8 = 255

    /// The child that asks.
    public var sender: NodeID
    /// Its parent.
    public var receiver: NodeID
    /// What the wanted concession costs, the less the better; 255 unknown.
    public var cost: UInt8

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
