public import ByteCoding
public import MeshWire

/// The command line of a node: reads lines as existing nodes do, and says what the node shall do (protocol §11).
///
/// A value without side effects. The owner feeds lines and received messages, runs the requests in order, and prints the
/// lines of the ``TerminalOutcome`` around them.
///
/// ```
///  line ──► checksum ──► words ──► command ──► requests ──► acknowledgement
///              │           │          │
///              └───────────┴──────────┴──► error line, nothing is run
/// ```
public struct Terminal: Sendable {
    /// Printed in front of a line that is typed at a prompt.
    public static let prompt = "mhTerm: "

    /// How results are told.
    public private(set) var mode: TerminalMode
    /// The node that the terminal belongs to.
    public var ownNodeID: NodeID
    /// Whether the node is a sink, which its keep-alive messages say.
    public var isSink: Bool
    /// Which commands are accepted.
    public let commandSet: TerminalCommandSet
    /// Whether lines must carry a checksum, and printed lines do.
    public private(set) var checksOn = false

    private var pingTimer = PingTimer()

    /// A terminal with the corruption check off.
    public init(
        mode: TerminalMode,
        ownNodeID: NodeID,
        isSink: Bool = false,
        commandSet: TerminalCommandSet = .development
    ) {
        self.mode = mode
        self.ownNodeID = ownNodeID
        self.isSink = isSink
        self.commandSet = commandSet
    }

    /// Reads one line, without its line end.
    ///
    /// - Parameters:
    ///   - line: The characters before the line end.
    ///   - milliseconds: The time of the node, from any origin; ping results are differences of it.
    /// - Returns: What to print and to run. An empty line does nothing.
    public mutating func accept(line: String, atMilliseconds milliseconds: UInt64 = 0) -> TerminalOutcome {
        guard !line.isEmpty else { return TerminalOutcome() }
        var outcome = TerminalOutcome()
        do throws(TerminalError) {
            let command = try checked(line)
            outcome = try run(command, at: milliseconds)
            outcome.acknowledgement = mode == .json ? printed(json: MeshJSON.acknowledgement) : nil
        } catch {
            outcome.acknowledgement = refusal(of: line, error)
        }
        return outcome
    }

    /// What is printed instead of the acknowledgement of a line that is not carried out.
    ///
    /// - Parameters:
    ///   - line: The line as it was accepted.
    ///   - error: Why; ``TerminalError/internalError`` if the node does not carry out a request of it.
    /// - Returns: The line to print.
    public func refusal(of line: String, _ error: TerminalError) -> String {
        let text = LineChecksum.split(line)?.text ?? line
        return mode == .json ? printed(json: MeshJSON.failure(error, line: text)) : error.promptText(for: text)
    }

    /// The line to print for a message that the node dispatches; nil for most requests.
    ///
    /// - Parameters:
    ///   - message: A whole message that is for this node, also if the node sent it to itself.
    ///   - milliseconds: The time of the node, from the origin of ``accept(line:atMilliseconds:)``.
    /// - Returns: The JSON line of the message, or at a prompt how long the answer to a ping took.
    public func line(for message: MessageBytes, atMilliseconds milliseconds: UInt64 = 0) -> String? {
        if mode == .prompt, let line = pingTimer.line(for: message, at: milliseconds) { return line }
        return MeshJSON.line(for: message).map { printed(json: $0) }
    }

    /// The form in which a JSON line is printed: with a checksum if the corruption check is on.
    public func printed(json line: String) -> String {
        checksOn ? LineChecksum.append(to: line) : line
    }

    /// Takes the checksum off a line.
    ///
    /// A line that carries one switches the check on.
    private mutating func checked(_ line: String) throws(TerminalError) -> String {
        guard let (text, mark) = LineChecksum.split(line) else {
            guard !checksOn else { throw .checksumMissing }
            return line
        }
        switch mark {
        case .skip: return text
        case .value(let value):
            checksOn = true
            guard value == LineChecksum.value(of: text) else { throw .checksumInvalid }
            return text
        }
    }

    private mutating func run(_ line: String, at milliseconds: UInt64) throws(TerminalError) -> TerminalOutcome {
        let words = try CommandLineTokens(line).words
        switch words[0] {
        case "enable_corruption_check":
            let response = printed(json: MeshJSON.corruptionCheckEnabled)
            checksOn = true
            return TerminalOutcome(lines: [response])
        case "startterm":
            mode = .prompt
            return TerminalOutcome()
        case "stopterm":
            mode = .json
            return TerminalOutcome()
        default:
            let command = Command(ownNodeID: ownNodeID, isSink: isSink, commandSet: commandSet)
            let requests = try command.requests(for: words)
            pingTimer.begin(requests, at: milliseconds)
            return TerminalOutcome(requests: requests)
        }
    }
}
