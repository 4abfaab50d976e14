public import ByteCoding

/// A module message of a module or action without a type of its own.
public struct GenericModuleContent: Equatable, Sendable {
    /// 50...53.
    public var type: MessageType
    /// The module that the message is for.
    public var module: ModuleIdentifier
    /// Meaning set by module and type.
    public var actionType: UInt8
    /// Meaning set by the action.
    public var payload: InlineBytes<192>

    /// A content from its fields.
    public init(
        type: MessageType,
        module: ModuleIdentifier,
        actionType: UInt8,
        payload: InlineBytes<192> = InlineBytes()
    ) {
        self.type = type
        self.module = module
        self.actionType = actionType
        self.payload = payload
    }
}
