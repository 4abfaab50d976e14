import ByteCoding
import MeshWire

/// Live reports, which tell what happened elsewhere, and proposals of devices to enrol, which are made by chance: neither
/// recorded ones nor those of a node under test are compared.
enum LiveReports {
    static func isOne(_ frame: FrameBytes) -> Bool {
        switch (try? ModuleMessage(bytes: MessageBytes(frame.array)))?.content {
        case .statusReporter(.liveReport), .enrollment(.proposal): true
        default: false
        }
    }

    static func isOne(_ line: String) -> Bool {
        line.contains(#""type":"live_report""#) || line.contains(#""type":"enroll_proposal""#)
    }
}
