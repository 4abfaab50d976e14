import ByteCoding
import MeshWire

/// Measures how long the answers to the last ping command take.
struct PingTimer {
    private var startMilliseconds: UInt64?

    /// Starts anew if the requests of a command ask for ping answers.
    mutating func begin(_ requests: [TerminalRequest], at milliseconds: UInt64) {
        guard case .send(let message) = requests.first, let content = Self.content(of: message) else { return }
        switch content {
        case .ping, .leafPing: startMilliseconds = milliseconds
        default: break
        }
    }

    /// The line that a received message prints; nil if it answers no ping of this terminal.
    func line(for message: MessageBytes, at milliseconds: UInt64) -> String? {
        guard let startMilliseconds, milliseconds >= startMilliseconds else { return nil }
        let elapsed = milliseconds - startMilliseconds
        return switch Self.content(of: message) {
        case .pingResponse: TerminalText.ping(milliseconds: elapsed)
        case .leafPingResponse(let answer):
            TerminalText.leafPing(leaf: answer.leaf, hops: answer.hops, milliseconds: elapsed)
        default: nil
        }
    }

    private static func content(of message: MessageBytes) -> DebugMessage? {
        guard let message = try? ModuleMessage(bytes: message), case .debug(let content) = message.content else {
            return nil
        }
        return content
    }
}
