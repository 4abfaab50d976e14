/// Why a command was not run, with the number that a JSON terminal prints (protocol §11.2).
public enum TerminalError: UInt8, Error, Sendable, CaseIterable {
    /// No such command, or arguments are missing that would tell the command from others.
    case commandNotFound = 1
    /// An argument is not of its kind or out of its range.
    case wrongArguments = 2
    /// More words than a line may have.
    case tooManyArguments = 3
    /// The command is known and lacks arguments.
    case tooFewArguments = 4
    /// The checksum of the line is another one.
    case checksumInvalid = 6
    /// The line has no checksum although the corruption check is on.
    case checksumMissing = 7
    /// The line cannot be processed.
    case internalError = 8

    /// The text behind the number in the acknowledgement of `line`.
    func text(for line: String) -> String {
        switch self {
        case .commandNotFound: "Command not found: \(line)"
        case .wrongArguments: "Wrong Arguments"
        case .tooManyArguments: "Too many arguments"
        case .tooFewArguments: "Too few arguments"
        case .checksumInvalid: "crc invalid"
        case .checksumMissing: "crc missing"
        case .internalError: "internal error"
        }
    }

    /// What a prompt prints instead of the acknowledgement of `line`; it knows only four texts.
    func promptText(for line: String) -> String {
        switch self {
        case .commandNotFound: "Command not found: \(line)"
        case .tooFewArguments: "Not enough arguments"
        case .checksumInvalid, .checksumMissing: "CRC invalid!"
        case .wrongArguments, .tooManyArguments, .internalError: "Internal Terminal Command Error"
        }
    }
}
