import MeshTerminal
import Testing

@Suite struct RecordingTests {
    @Test(arguments: [
        "terminal_crc", "terminal_other", "terminal_ping", "terminal_raw_data", "terminal_routing",
        "terminal_status_reporter", "terminal_time_sync", "access_encryption_handshake",
    ])
    func sendsAndPrintsWhatWasRecorded(name: String) throws {
        let recording = try Recording(named: name)
        var lines = 0
        var loopback = 0
        var messages = 0
        for session in recording.cases {
            var replay = RecordedSession(session)
            try replay.replay(session.events)
            lines += replay.matchedLines
            loopback += replay.loopbackLines
            messages += replay.matchedMessages
        }
        print("\(name): \(messages) messages and \(lines) lines match, \(loopback) lines by loopback")
        #expect(lines > 0)
    }
}
