import ByteCoding
import MeshWire
import RadioPort

struct NetworkClock: Sendable {}
struct PendingAnswers: Sendable {}
struct EntropyPool: Sendable { mutating func add(_ bytes: InlineBytes<32>) {} }
struct StatusReporterState: Sendable {
    mutating func start(reason: UInt8) {}
    mutating func log(_ code: ErrorCode, extra: UInt32, at: UInt32) {}
    mutating func heard(_ node: NodeID, rssi: Int8) {}
}
extension Node {
    mutating func startTimeReporting(now: Instant) {}
    mutating func syncTime(now: Instant, into outputs: inout Outputs) {}
    mutating func scheduleTimeSync(now: Instant) {}
    mutating func reportTime(now: Instant, into outputs: inout Outputs) {}
    mutating func sendNextAnswer(now: Instant, into outputs: inout Outputs) {}
    mutating func restart(into outputs: inout Outputs) {}
    mutating func becomeTimeMaster(seconds: UInt32, offsetMinutes: Int16, now: Instant) {}
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
