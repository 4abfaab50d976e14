import MeshWire

/// Recorded terminal sessions in a chain of nodes, each replaced by a node of ours in turn.
enum DrivenTerminal {
    static func check(_ recording: TerminalRecording, _ result: inout CaseResult) {
        for position in recording.nodes.indices {
            let told = ToldState(of: recording.nodes[position].id, in: recording)
            let candidates = TerminalReplay.Unrecorded.candidates(for: position, in: recording, told)
            var trials = CaseResult()
            trials.pass(oneOf: candidates) { unrecorded, trial in
                var replay = try TerminalReplay(recording, position: position, told, unrecorded)
                try replay.run(&trial)
            }
            for difference in trials.differences {
                result.fail("node \(recording.nodes[position].id): \(difference)")
            }
        }
    }
}
