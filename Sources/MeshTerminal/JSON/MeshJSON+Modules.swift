import ByteCoding
import MeshWire

extension MeshJSON {
    /// Lines of the enrolment module; the answers to its first two requests name the handle `requestId`.
    static func enrollment(_ content: EnrollmentMessage, _ message: ModuleMessage) -> String? {
        let node = message.sender
        let handle = message.requestHandle
        return switch content {
        case .requestProposals(let serialNumbers):
            #"{"nodeId":\#(node),"type":"request_proposals","#
                + #""serialNumbers":[\#(serialNumbers.map { "\"\($0)\"" }.joined(separator: ", "))], "#
                + #""module":5,"requestHandle":\#(handle)}"#
        case .setEnrollmentResult(let result): enrollment("enroll_response_serial", result, message)
        case .removeEnrollmentResult(let result): enrollment("remove_enroll_response_serial", result, message)
        case .proposal(let proposals):
            #"{"nodeId":\#(node),"type":"enroll_proposal","module":5,"#
                + #""proposals":\#(list(proposals.map { $0.rawValue.description }))}"#
        case .setNetworkResult(let code):
            #"{"nodeId":\#(node),"type":"set_network_response","code":\#(code.rawValue),"#
                + #""module":5,"requestHandle":\#(handle)}"#
        case .requestProposalsResult(let serialNumber):
            #"{"nodeId":\#(node),"type":"request_proposals_response","serialNumber":"\#(serialNumber)","#
                + #""module":5,"requestHandle":\#(handle)}"#
        case .setEnrollment, .removeEnrollment, .setNetwork: nil
        }
    }

    private static func enrollment(_ type: String, _ result: EnrollmentResult, _ message: ModuleMessage) -> String {
        #"{"nodeId":\#(message.sender),"type":"\#(type)","module":5,"requestId":\#(message.requestHandle),"#
            + #""serialNumber":"\#(result.serialNumber)","code":\#(result.code.rawValue)}"#
    }

    static func beaconing(_ content: BeaconingMessage, _ message: ModuleMessage) -> String? {
        switch content {
        case .addResult(let code): result("adv_add_response", code.rawValue, message)
        case .setResult(let code): result("adv_set_response", code.rawValue, message)
        case .removeResult(let code): result("adv_remove_response", code.rawValue, message)
        case .add, .set, .remove: nil
        }
    }

    /// Lines of the io module; answers without a payload print code 0.
    static func io(_ content: IoMessage, _ message: ModuleMessage) -> String? {
        switch content {
        case .setPinsResult(let code): result("set_pin_config_result", code ?? 0, message)
        case .setLedResult: result("set_led_result", 0, message)
        case .identifyResult: result("identify_response", 0, message)
        case .pinLevels(let levels):
            #"{"nodeId":\#(message.sender),"type":"pin_level_result","module":6,"#
                + #""pins":\#(list(levels.levels.map { #"{"pin_number":\#($0.pin),"pin_level":\#($0.level)}"# })),"#
                + #""requestHandle":\#(message.requestHandle),"code":0}"#
        case .setPins, .readPins, .setLed, .identify: nil
        }
    }

    private static func result(_ type: String, _ code: UInt8, _ message: ModuleMessage) -> String {
        #"{"nodeId":\#(message.sender),"type":"\#(type)","module":\#(module(message.content.module)),"#
            + #""requestHandle":\#(message.requestHandle),"code":\#(code)}"#
    }

    static func meshAccess(_ content: MeshAccessMessage, _ message: ModuleMessage) -> String? {
        let node = message.sender
        let handle = message.requestHandle
        return switch content {
        case .connectionState(let state):
            #"{"nodeId":\#(node),"type":"ma_conn_state","module":10,"requestHandle":\#(handle),"#
                + #""partnerId":\#(state.partnerID),"state":\#(state.state)}"#
        case .serialConnectResult(let result):
            #"{"type":"serial_connect_response","module":10,"nodeId":\#(node),"requestHandle":\#(handle),"#
                + #""code":\#(result.code),"partnerId":\#(result.partnerID)}"#
        case .connect, .disconnect, .serialConnect: nil
        }
    }

    static func debug(_ content: DebugMessage, _ message: ModuleMessage) -> String? {
        let node = message.sender
        return switch content {
        case .counter(let value): #"{"type":"counter","nodeId":\#(node),"value":\#(value)}"#
        case .statistics(let statistics):
            #"{"nodeId":\#(node),"type":"debug_stats", "conLoss":\#(statistics.connectionLossCounter),"#
                + #""dropped":\#(statistics.droppedPackets),"#
                + #""sentRel":\#(statistics.sentReliable),"sentUnr":\#(statistics.sentUnreliable)}"#
        case .joinMeBufferEntry(let entry): joinMeBufferEntry(entry)
        case .maximumMessage(let payload):
            #"{"nodeId":\#(node),"type":"send_max_message_response", "#
                + #""correctValues":\#(correctValues(in: payload)), "expectedCorrectValues":\#(maximumPayload)}"#
        case .resetConnectionLossCounter, .getStatistics, .ping, .leafPing, .getJoinMeBuffer, .sendMaximumMessage,
            .startCounter, .pingResponse, .leafPingResponse:
            nil
        }
    }

    /// Payload of a message of the maximum size, whose byte `i` is `i mod 50 + 100`.
    private static let maximumPayload = 192

    private static func correctValues(in payload: InlineBytes<192>) -> Int {
        payload.array.enumerated().count { Int($0.element) == $0.offset % 50 + 100 }
    }

    private static func joinMeBufferEntry(_ entry: JoinMeBufferEntry) -> String {
        #"{"buf":"advT \#(entry.opaque[7]),rssi \#(Int8(bitPattern: entry.opaque[8])),"#
            + #"time \#(entry.receivedTimeDs),last \#(entry.lastConnectAttemptDs),"#
            + #"node \#(entry.sender),cid \#(entry.cluster),csiz \#(entry.clusterSize), "#
            + #"in \#(entry.freeIn), out \#(entry.freeOut), "#
            + #"devT \#(entry.deviceType.rawValue), ack \#(entry.ackField)"}"#
    }
}
