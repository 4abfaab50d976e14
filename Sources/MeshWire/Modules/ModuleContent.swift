import ByteCoding

/// The meaning of a module message: module, message type, action and payload in one.
public enum ModuleContent: Equatable, Sendable {
    /// Module 0: the node itself.
    case node(NodeMessage)
    /// Module 1: further advertisements.
    case beaconing(BeaconingMessage)
    /// Module 3: the state of nodes.
    case statusReporter(StatusReporterMessage)
    /// Module 5: membership in a network.
    case enrollment(EnrollmentMessage)
    /// Module 6: pins and LEDs.
    case io(IoMessage)
    /// Module 7: tests.
    case debug(DebugMessage)
    /// Module 10: encrypted links outside the mesh.
    case meshAccess(MeshAccessMessage)
    /// Configuration of any module.
    case configuration(ModuleIdentifier, ModuleConfiguration)
    /// Any other module or action.
    case generic(GenericModuleContent)

    /// Decodes what stands behind a header.
    init(_ header: ModuleHeader, from reader: inout ByteReader) throws(CodingError) {
        if let known = try Self.known(header, from: &reader) {
            self = known
            return
        }
        self = .generic(
            GenericModuleContent(
                type: header.type,
                module: header.module,
                actionType: header.actionType,
                payload: try reader.readAvailable()
            )
        )
    }

    private static func known(
        _ header: ModuleHeader,
        from reader: inout ByteReader
    ) throws(CodingError) -> ModuleContent? {
        if header.type == .moduleConfig {
            return try payload(header, from: &reader).map { .configuration(header.module, $0) }
        }
        guard case .plain(let id) = header.module else { return nil }
        return switch id {
        case .node: try payload(header, from: &reader).map { .node($0) }
        case .beaconing: try payload(header, from: &reader).map { .beaconing($0) }
        case .statusReporter: try payload(header, from: &reader).map { .statusReporter($0) }
        case .enrollment: try payload(header, from: &reader).map { .enrollment($0) }
        case .io: try payload(header, from: &reader).map { .io($0) }
        case .debug: try payload(header, from: &reader).map { .debug($0) }
        case .meshAccess: try payload(header, from: &reader).map { .meshAccess($0) }
        default: nil
        }
    }

    private static func payload<Payload: ModulePayload>(
        _ header: ModuleHeader,
        from reader: inout ByteReader
    ) throws(CodingError) -> Payload? {
        try Payload(type: header.type, actionType: header.actionType, from: &reader)
    }

    /// The module that the header names.
    public var module: ModuleIdentifier {
        switch self {
        case .node: .plain(.node)
        case .beaconing: .plain(.beaconing)
        case .statusReporter: .plain(.statusReporter)
        case .enrollment: .plain(.enrollment)
        case .io: .plain(.io)
        case .debug: .plain(.debug)
        case .meshAccess: .plain(.meshAccess)
        case .configuration(let module, _): module
        case .generic(let content): content.module
        }
    }

    /// The message type and action that the header must carry.
    var code: ModuleActionCode {
        switch self {
        case .node(let message): message.code
        case .beaconing(let message): message.code
        case .statusReporter(let message): message.code
        case .enrollment(let message): message.code
        case .io(let message): message.code
        case .debug(let message): message.code
        case .meshAccess(let message): message.code
        case .configuration(_, let message): message.code
        case .generic(let content): ModuleActionCode(type: content.type, actionType: content.actionType)
        }
    }

    /// Appends the payload.
    func encode(into writer: inout ByteWriter) throws(CodingError) {
        switch self {
        case .node(let message): try message.encode(into: &writer)
        case .beaconing(let message): try message.encode(into: &writer)
        case .statusReporter(let message): try message.encode(into: &writer)
        case .enrollment(let message): try message.encode(into: &writer)
        case .io(let message): try message.encode(into: &writer)
        case .debug(let message): try message.encode(into: &writer)
        case .meshAccess(let message): try message.encode(into: &writer)
        case .configuration(_, let message): try message.encode(into: &writer)
        case .generic(let content): try writer.write(content.payload)
        }
    }
}
