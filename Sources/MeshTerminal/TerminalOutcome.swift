/// What a command line or a received message leads to.
public struct TerminalOutcome: Equatable, Sendable {
    /// Lines to print at once, in order.
    public var lines: [String]
    /// What the node shall do, in order.
    ///
    /// Lines of messages that come back by local loopback are printed meanwhile.
    public var requests: [TerminalRequest]
    /// The line to print after the requests have run.
    public var acknowledgement: String?

    /// An outcome from its parts, empty by default.
    public init(lines: [String] = [], requests: [TerminalRequest] = [], acknowledgement: String? = nil) {
        self.lines = lines
        self.requests = requests
        self.acknowledgement = acknowledgement
    }
}
