import ByteCoding
import MeshWire

extension MeshJSON {
    /// What every byte of a generated load is.
    private static let loadByte: UInt8 = 0x91

    static func node(_ content: NodeMessage, _ message: ModuleMessage) -> String? {
        let node = message.sender
        let handle = message.requestHandle
        return switch content {
        case .setDiscoveryResult: #"{"type":"set_discovery_result","nodeId":\#(node),"module":0}"#
        case .setPreferredConnectionsResult:
            #"{"type":"set_preferred_connections_result","nodeId":\#(node),"module":0}"#
        case .pingResponse: #"{"type":"ping","nodeId":\#(node),"module":0,"requestHandle":\#(handle)}"#
        case .generateLoadResult:
            #"{"type":"start_generate_load_result","nodeId":\#(node),"requestHandle":\#(handle)}"#
        case .generateLoadChunk(let payload):
            #"{"type":"generate_load_chunk","nodeId":\#(node),"size":\#(payload.count),"#
                + #""payloadCorrect":\#(payload.array.allSatisfy { $0 == loadByte } ? 1 : 0),"#
                + #""requestHandle":\#(handle)}"#
        case .setEnrolledNodesResult(let count):
            #"{"type":"set_enrolled_nodes","nodeId":\#(node),"module":0,"enrolled_nodes":\#(count)}"#
        case .getTimeResult(let result):
            // The offset is printed as if it were unsigned.
            #"{"type":"get_time_result","nodeId":\#(node),"module":0,"syncState":\#(result.syncState),"#
                + #""time":\#(result.time),"offset":\#(UInt32(truncatingIfNeeded: result.offset)),"#
                + #""master":\#(result.isTimeMaster ? 1 : 0)}"#
        case .addGroupResult(let result): group("add_group_result", result, of: node)
        case .removeGroupResult(let result): group("remove_group_result", result, of: node)
        case .clearGroupsResult(let result): group("clear_groups_result", result, of: node)
        case .groups(let groups):
            #"{"type":"get_groups_result","nodeId":\#(node),"module":0,"groups":\#(list(groups.map { $0.description }))}"#
        case .setDiscovery, .reset, .setPreferredConnections, .ping, .generateLoad, .emergencyDisconnect,
            .setEnrolledNodes, .getTime, .addGroup, .removeGroup, .clearGroups, .getGroups,
            .emergencyDisconnectResponse:
            nil
        }
    }

    private static func group(_ type: String, _ result: GroupResult, of node: NodeID) -> String {
        #"{"type":"\#(type)","nodeId":\#(node),"module":0,"group":\#(result.group),"code":\#(result.code.rawValue)}"#
    }

    static func component(_ message: ComponentMessage) -> String? {
        guard message.direction == .sense else { return nil }
        return #"{"nodeId":\#(message.sender),"type":"component_sense","module":\#(module(message.module)),"#
            + #""requestHandle":\#(message.requestHandle),"actionType":\#(message.actionType),"#
            + #""component":"0x\#(hex(message.component))","register":"0x\#(hex(message.registerAddress))","#
            + #""payload":\#(base64(message.payload))}"#
    }

    static func capability(_ message: Capability) -> String? {
        switch message.content {
        case .entry(let entry):
            #"{"nodeId":\#(message.sender),"type":"capability_entry","index":\#(entry.index),"#
                + #""capabilityType":\#(entry.type.rawValue),"manufacturer":\#(quoted(entry.manufacturer)),"#
                + #""model":\#(quoted(entry.model)),"revision":\#(quoted(entry.revision))}"#
        case .end(let amount): #"{"nodeId":\#(message.sender),"type":"capability_end","amount":\#(amount)}"#
        case .request, .unknown: nil
        }
    }
}
