import Glibc
import Logging
import MeshCapture
import MeshConfiguration
import MeshControl
import MeshCore
import RadioPort
import Testing

@testable import MeshDaemon

/// Recordings as a daemon makes them.
@Suite struct RecordingTests {
    private static func recording(_ yaml: String) throws -> (recording: Recording, node: Node) {
        let text = "node: 7\nkey: \"000102030405060708090a0b0c0d0e0f\"\n" + yaml
        let file = try NodeConfigurationFile(yaml: text, file: "node.yaml")
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let node = Node(identity: file.identity, configuration: file.behaviour(tracing: true), seed: 1) { key, _ in key
        }
        return (Recording(file, log: log), node)
    }

    /// One field of the report, as text.
    private static func report(_ recording: Recording, _ key: String) -> String? {
        recording.report.pairs.first { $0.key == key }?.value.plainText
    }

    @Test func nothingIsRecordedUnlessAskedFor() throws {
        let folder = try Folder()
        let (recording, node) = try Self.recording("state: \(folder.path)\n")
        #expect(Self.report(recording, "state") == "off")
        recording.begin(node, seed: 1)
        recording.take(.wake, at: .zero, outputs: [])
        recording.end(.stopped)
        #expect(Self.report(recording, "state") == "off" && Self.report(recording, "path") == "null")
        #expect(try folder.read("node-7.recording") == nil)
    }

    @Test func anOrderHoldsFromTheNextBootOn() throws {
        let folder = try Folder()
        let path = folder.file("node-7.recording")
        let (recording, node) = try Self.recording("state: \(folder.path)\n")
        recording.want(true)
        recording.take(.wake, at: .zero, outputs: [])
        #expect(Self.report(recording, "state") == "waiting")
        recording.begin(node, seed: 1)
        #expect(Self.report(recording, "state") == "recording" && Self.report(recording, "path") == path)
        recording.take(.wake, at: .zero, outputs: [])
        #expect(Self.report(recording, "inputs") == "1")
        recording.want(false)
        #expect(Self.report(recording, "state") == "off")
        let bytes = try #require(try folder.read("node-7.recording"))
        recording.take(.wake, at: .zero, outputs: [])
        recording.end(.stopped)
        #expect(try folder.read("node-7.recording") == bytes)
        #expect(recording.counters.isEmpty)
    }

    @Test func everyBootHasAFileOfItsOwn() throws {
        let folder = try Folder()
        _ = folder.file("node-7.1.recording")
        _ = folder.file("node-7.recording")
        let (recording, node) = try Self.recording("record: { folder: \(folder.path), files: 2 }\n")
        for _ in 0..<3 {
            recording.begin(node, seed: 1)
            recording.take(.wake, at: .zero, outputs: [])
            recording.end(.restarted)
        }
        #expect(try folder.read("node-7.1.recording") != nil)
        #expect(try folder.read("node-7.2.recording") == nil)
    }

    @Test func whatTheDiskDoesNotTakeIsCounted() throws {
        let (recording, node) = try Self.recording("record: { folder: /nowhere/at/all }\n")
        recording.begin(node, seed: 1)
        recording.take(.wake, at: .zero, outputs: [])
        #expect(Self.report(recording, "state") == "failed")
        #expect(
            Self.report(recording, "reason") == "create /nowhere/at/all/node-7.recording: No such file or directory"
        )
        recording.begin(node, seed: 1)
        #expect(recording.counters == [RadioCounter("recording_failures", 2)])
    }
}
