import ByteCoding
import MeshWire
import RadioPort

// Live reports (protocol §10.1): events told to everybody as they happen.
extension Node {
    /// Reports up to this level are sent: as commanded, as configured, or the default.
    var liveReportLevel: UInt8 {
        status.liveReportLevel ?? stored.liveReportLevel ?? configuration.liveReportLevel
    }

    /// Broadcasts an event if its type is within the level.
    mutating func liveReport(
        _ type: UInt8,
        _ extra: UInt32,
        _ extra2: UInt32,
        _ now: Instant,
        _ outputs: inout Outputs
    ) {
        guard type <= liveReportLevel, isActive(.plain(.statusReporter)) else { return }
        let header = ModuleHeader(
            type: .moduleGeneral,
            sender: identity.node,
            receiver: .broadcast,
            module: .plain(.statusReporter),
            actionType: 1
        )
        let report = LiveReport(type: LiveReportType(rawValue: type), extra: extra, extra2: extra2)
        // While clusters form these are most of all messages: no detour over the enum of all contents.
        guard
            let message = try? MessageBytes(writing: { (writer) throws(CodingError) in
                try header.encode(into: &writer)
                try report.encode(into: &writer)
            })
        else { return }
        send(message, now: now, into: &outputs)
    }
}
