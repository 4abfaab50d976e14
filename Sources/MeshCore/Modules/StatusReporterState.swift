import MeshWire
import RadioPort

/// What the status reporter keeps between reports.
struct StatusReporterState: Sendable {
    /// Why the node was started.
    private(set) var rebootCause = RebootCause.unknown
    /// Whether a gateway has set the node up since boot.
    var isInitialized = false
    /// Level of live reports set by a command, until the next boot.
    var liveReportLevel: UInt8?
    /// What the node as a gateway says of itself.
    var gateway = GatewayStatus.unknown
    /// Connection losses at the last reset of the counter; what is reported counts from there.
    var lossesAtReset: UInt16 = 0
    var errorLog = ErrorLog()
    var nearby = NearbyTable()
    var timeReporting = TimeReporting()
    /// Until when periodic reports were sent, in deciseconds.
    var reportedUntil: UInt32 = 0

    /// The node boots.
    mutating func start(reason: UInt8) {
        rebootCause = RebootCause(rawValue: reason)
    }

    /// Remembers an event of the mesh; `time` in deciseconds since boot.
    mutating func log(_ code: ErrorCode, extra: UInt32, at time: UInt32) {
        errorLog.append(code, extra: extra, at: time)
    }

    /// A JOIN_ME of the own network was heard.
    mutating func heard(_ node: NodeID, rssi: Int8) {
        nearby.add(node, rssi: rssi)
    }
}

/// Who is told the time at each interval (protocol §10.1).
struct TimeReporting: Sendable {
    /// When the next report to everybody is due.
    var nextBroadcast: Instant?
    /// Somebody who wants the time at every tick.
    var listener: Listener?

    struct Listener: Sendable {
        var node: NodeID
        var requestHandle: UInt8
        var until: Instant
    }
}
