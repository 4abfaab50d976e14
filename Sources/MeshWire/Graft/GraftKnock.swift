public import ByteCoding

/// Asks a node that said "full" in its ``GraftHello`` to make room for this link.
///
/// Little-endian, 6 bytes.
///
/// | offset | size | field  | meaning               |
/// |-------:|-----:|--------|-----------------------|
/// |      0 |    5 | header | type 45               |
/// |      5 |    1 | reason | 1: please free a slot |
@frozen
public struct GraftKnock: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 6
    /// The reason "please free a slot".
    public static let freeASlot: UInt8 = 1

    /// The root that finds no room.
    public var sender: NodeID
    /// The node that is full.
    public var receiver: NodeID
    /// Why; unknown values are kept.
    public var reason: UInt8

    /// A message from its fields.
    public init(sender: NodeID, receiver: NodeID, reason: UInt8 = Self.freeASlot) {
        self.sender = sender
        self.receiver = receiver
        self.reason = reason
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .graftKnock)
        sender = header.sender
        receiver = header.receiver
        reason = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .graftKnock, sender: sender, receiver: receiver).encode(into: &writer)
        try writer.write(reason)
    }
}
