import ByteCoding
import MeshWire

extension ControlRights {
    /// What a client must be allowed to send a message into the mesh.
    ///
    /// Questions and application data are for everybody who may connect; whatever sets, restarts, enrols or loads a node, and
    /// everything that is not known, wants the right to change.
    static func needed(toSend message: MessageBytes) -> ControlRights {
        guard let message = try? MeshMessage(bytes: message) else { return .change }
        return switch message.withoutTrailing {
        case .rawData, .rawDataLight, .component, .capability, .data: .use
        case .module(let message): isQuestion(message.content) ? .use : .change
        default: .change
        }
    }

    private static func isQuestion(_ content: ModuleContent) -> Bool {
        switch content {
        case .node(let message):
            switch message {
            case .ping, .getTime, .getGroups: true
            default: false
            }
        case .statusReporter(let message):
            switch message {
            case .getStatus, .getConnections, .getNearbyNodes, .getErrors, .getRebootReason, .getDeviceInfo,
                .getConnectionsVerbose, .getGatewayStatus:
                true
            default: false
            }
        case .debug(let message):
            switch message {
            case .getStatistics, .ping, .leafPing, .getJoinMeBuffer, .sendMaximumMessage: true
            default: false
            }
        case .configuration(_, .getConfig), .configuration(_, .getModuleList): true
        default: false
        }
    }
}
