public import ByteCoding

/// Reads or writes a register of a component, or tells what it sensed (protocol §10.2).
///
/// Little-endian, 12 bytes and the payload; 3 more for a vendor module.
///
/// | offset | size    | field           | meaning                          |
/// |-------:|--------:|-----------------|----------------------------------|
/// |      0 | 8 or 11 | header          | type 58 (act) or 59 (sense)      |
/// |      8 |       2 | component       |                                  |
/// |     10 |       2 | registerAddress |                                  |
/// |     12 | 0...188 | payload         |                                  |
public struct ComponentMessage: WireMessage {
    /// Bytes of the shortest encoded form.
    public static let minimumSize = 12

    /// Towards a component, or from it.
    public enum Direction: Hashable, Sendable {
        /// COMPONENT_ACT, type 58.
        case act
        /// COMPONENT_SENSE, type 59.
        case sense
    }

    /// Towards a component, or from it.
    public var direction: Direction
    /// The node that wrote the message.
    public var sender: NodeID
    /// Who the message is for.
    public var receiver: NodeID
    /// The module that the component belongs to.
    public var module: ModuleIdentifier
    /// Chosen by the asking side and echoed in the answer.
    public var requestHandle: UInt8
    /// One of ``Act`` or ``Sense`` by direction; unknown values are kept.
    public var actionType: UInt8
    /// Which component of the module.
    public var component: UInt16
    /// Which register of the component.
    public var registerAddress: UInt16
    /// Meaning set by module and action.
    public var payload: InlineBytes<188>

    /// Action types of COMPONENT_ACT.
    public enum Act {
        /// Write the payload.
        public static let write: UInt8 = 1
        /// Read as many bytes as the payload says.
        public static let read: UInt8 = 2
        /// Write the payload and answer.
        public static let writeAcknowledged: UInt8 = 3
    }

    /// Action types of COMPONENT_SENSE.
    public enum Sense {
        /// Told without being asked.
        public static let unsolicited: UInt8 = 0
        /// The action failed.
        public static let error: UInt8 = 1
        /// What was read.
        public static let readResponse: UInt8 = 2
        /// What was written.
        public static let writeResponse: UInt8 = 3
        /// A result code.
        public static let resultCode: UInt8 = 4
    }

    /// A message from its fields.
    public init(
        direction: Direction,
        sender: NodeID,
        receiver: NodeID,
        module: ModuleIdentifier,
        requestHandle: UInt8 = 0,
        actionType: UInt8,
        component: UInt16,
        registerAddress: UInt16,
        payload: InlineBytes<188> = InlineBytes()
    ) {
        self.direction = direction
        self.sender = sender
        self.receiver = receiver
        self.module = module
        self.requestHandle = requestHandle
        self.actionType = actionType
        self.component = component
        self.registerAddress = registerAddress
        self.payload = payload
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try ModuleHeader(from: &reader)
        switch header.type {
        case .componentAct: direction = .act
        case .componentSense: direction = .sense
        default: throw .invalidField("messageType", value: UInt64(header.type.rawValue))
        }
        sender = header.sender
        receiver = header.receiver
        module = header.module
        requestHandle = header.requestHandle
        actionType = header.actionType
        component = try reader.read()
        registerAddress = try reader.read()
        payload = try reader.readAvailable()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try ModuleHeader(
            type: direction == .act ? .componentAct : .componentSense,
            sender: sender,
            receiver: receiver,
            module: module,
            requestHandle: requestHandle,
            actionType: actionType
        ).encode(into: &writer)
        try writer.write(component)
        try writer.write(registerAddress)
        try writer.write(payload)
    }
}
