/// What a live report tells (protocol §10.1); unknown values are kept.
public struct LiveReportType: RawRepresentable, Hashable, Sendable {
    /// The value on the wire.
    public var rawValue: UInt8

    /// The value `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Level: no reports.
    public static let off = LiveReportType(rawValue: 0)
    /// Level: fatal.
    public static let fatal = LiveReportType(rawValue: 50)
    /// A handshaked mesh link was lost; extra partner, extra2 reason.
    public static let meshDisconnected = LiveReportType(rawValue: 51)
    /// A link ended; extra low 4 bytes of the address, extra2 HCI reason.
    public static let gapDisconnected = LiveReportType(rawValue: 52)
    /// Level: warnings; the default.
    public static let warn = LiveReportType(rawValue: 100)
    /// An incoming link; extra handle, extra2 low 4 bytes of the address.
    public static let gapConnectedIncoming = LiveReportType(rawValue: 101)
    /// Connecting; extra partner, extra2 low 4 bytes of the address.
    public static let gapTryingAsCentral = LiveReportType(rawValue: 102)
    /// An outgoing link; extra handle, extra2 low 4 bytes of the address.
    public static let gapConnectedOutgoing = LiveReportType(rawValue: 103)
    /// A handshake failed; extra partner known so far, extra2 fail code.
    public static let handshakeFailed = LiveReportType(rawValue: 105)
    /// A handshake is done; extra partner, extra2 1 winner, 0 loser.
    public static let meshConnected = LiveReportType(rawValue: 106)
    /// Level: everything.
    public static let info = LiveReportType(rawValue: 150)
    /// A decision; extra 0 slave, 1 master, 2 none, extra2 the chosen partner.
    public static let decisionResult = LiveReportType(rawValue: 151)
}
