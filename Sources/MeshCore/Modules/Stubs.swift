import ByteCoding
import MeshWire
import RadioPort

struct NetworkClock: Sendable {}
struct PendingAnswers: Sendable {}
struct EntropyPool: Sendable { mutating func add(_ bytes: InlineBytes<32>) {} }
struct AccessLink: Sendable {}
struct StatusReporterState: Sendable {
    enum Code { case counterMismatch, reestablishmentSkipped, reestablishmentAttempt, reestablishmentSuccess }
    mutating func start(reason: UInt8) {}
    mutating func log(_ code: Code, extra: UInt32, at: UInt32) {}
    mutating func heard(_ node: NodeID, rssi: Int8) {}
}
struct AccessBroadcast: WireMessage {
    var serialNumberIndex: UInt32 = 0
    init(network: NetworkID, isEnrolled: Bool, isSink: Bool, hasFreeInConnection: Bool, serialNumberIndex: UInt32, deviceType: DeviceType) {}
    init(from reader: inout ByteReader) throws(CodingError) {}
    func encode(into writer: inout ByteWriter) throws(CodingError) { try writer.write(repeating: 3, count: 31) }
}
struct AccessScanResponse: WireMessage {
    init(serialNumberIndex: UInt32) {}
    init(from reader: inout ByteReader) throws(CodingError) {}
    func encode(into writer: inout ByteWriter) throws(CodingError) {}
}
struct Reassembler: Sendable {
    enum Result { case message(MessageBytes), incomplete, dropped }
    init(payload: Int = 20) {}
    mutating func accept(_ value: AttributeValue) -> Result {
        var m = MessageBytes(); for i in 0..<value.count { m.append(value[i]) }
        return .message(m)
    }
}
extension Node {
    mutating func startTimeReporting(now: Instant) {}
    mutating func syncTime(now: Instant, into outputs: inout Outputs) {}
    mutating func scheduleTimeSync(now: Instant) {}
    mutating func reportTime(now: Instant, into outputs: inout Outputs) {}
    mutating func sendNextAnswer(now: Instant, into outputs: inout Outputs) {}
    mutating func restart(into outputs: inout Outputs) {}
    mutating func becomeTimeMaster(seconds: UInt32, offsetMinutes: Int16, now: Instant) {}
    mutating func watchForEmergency(now: Instant, into outputs: inout Outputs) {}
    mutating func discovered(link: LinkID, service: Service, handles: ServiceHandles?, now: Instant, into outputs: inout Outputs) {}
    mutating func notified(link: LinkID, value: AttributeValue, now: Instant, into outputs: inout Outputs) {}
    mutating func accessWriteConfirmed(_ index: Int, now: Instant, into outputs: inout Outputs) {}
    mutating func accessWritten(_ index: Int, handle: AttributeHandle, value: AttributeValue, now: Instant, into outputs: inout Outputs) {}
    mutating func accessLinkUp(_ index: Int, link: LinkID, now: Instant, into outputs: inout Outputs) {}
    mutating func accessLinkRemoved(_ link: Link, now: Instant, into outputs: inout Outputs) {}
    mutating func sendToAccessLinks(_ message: MessageBytes, header: MessageHeader, from slot: UInt8?, now: Instant, into outputs: inout Outputs) {}
    mutating func sendToAccessLink(_ index: Int, _ message: MessageBytes, header: MessageHeader, isRelayed: Bool, now: Instant, into outputs: inout Outputs) -> Bool { false }
    mutating func liveReport(_ type: UInt8, _ extra: UInt32, _ extra2: UInt32, _ now: Instant, _ outputs: inout Outputs) {
        guard type <= configuration.liveReportLevel else { return }
        let header = ModuleHeader(type: .moduleGeneral, sender: identity.node, receiver: .broadcast, module: .plain(.statusReporter), requestHandle: 0, actionType: 1)
        guard let message = try? MessageBytes(writing: { (writer) throws(CodingError) in
            try header.encode(into: &writer)
            try writer.write(type); try writer.write(extra); try writer.write(extra2)
        }) else { return }
        send(message, now: now, into: &outputs)
    }
}
