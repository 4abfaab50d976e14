import ByteCoding
import MeshWire

/// Live reports, which tell what happened elsewhere: neither recorded ones nor those of a node under test are compared.
enum LiveReports {
    static func isOne(_ frame: FrameBytes) -> Bool {
        guard let message = try? ModuleMessage(bytes: MessageBytes(frame.array)),
            case .statusReporter(.liveReport) = message.content
        else { return false }
        return true
    }

    static func isOne(_ line: String) -> Bool { line.contains(#""type":"live_report""#) }
}
