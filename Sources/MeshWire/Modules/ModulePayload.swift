import ByteCoding

/// What tells the messages of one module apart.
struct ModuleActionCode: Equatable {
    var type: MessageType
    var actionType: UInt8
}

/// All messages of one module behind the module header.
protocol ModulePayload: Equatable, Sendable {
    /// Decodes the payload of an action; nil if the module has no such action.
    init?(type: MessageType, actionType: UInt8, from reader: inout ByteReader) throws(CodingError)

    /// The message type and action that the header must carry.
    var code: ModuleActionCode { get }

    /// Appends the payload.
    func encode(into writer: inout ByteWriter) throws(CodingError)
}
