import FoundationEssentials
import MeshControl
import Testing

@testable import thicket

/// `thicket sim check`, and what `thicket sim run` writes beside its result.
@Suite struct CheckCommandTests {
    private static func withFile<Value>(_ text: String, _ body: (String) throws -> Value) throws -> Value {
        let folder = FileManager.default.temporaryDirectory.path + "/thicket-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/some.yaml"
        try Data(text.utf8).write(to: URL(filePath: file))
        return try body(file)
    }

    private static let pair = "question: Do two meet?\nduration: 40s\nnodes: { positions: [[0, 0], [5, 0], [9, 0]] }\n"

    @Test func everyScenarioOfTheProjectIsGood() throws {
        let run = try Shell.run("\(try Shell.thicket()) sim check \(Shell.root)/Simulator/Scenarios/*.yaml")
        #expect(run.exitCode == 0)
        #expect(run.lines.count >= 20)
        #expect(run.lines.allSatisfy { $0.contains(".yaml: good, ") })
    }

    @Test func aMistakeIsNamedWithLineAndKeyAndTheOthersAreReadAllTheSame() throws {
        try Self.withFile(Self.pair + "timeline:\n  - { at: 5s, reboot: 7 }\n") { file in
            let good = Shell.root + "/Simulator/Scenarios/power-cut.yaml"
            let run = try Shell.run("\(try Shell.thicket()) sim check \(file) \(good) 2>&1")
            #expect(run.exitCode == 65)
            #expect(
                run.lines.first?.hasPrefix("error: \(file):5: key 'timeline[0].reboot': no node 7; allowed: node ids")
                    == true
            )
            #expect(run.lines.last?.hasPrefix("\(good): good") == true)
            let json = try Shell.run("\(try Shell.thicket()) sim check \(file) --json")
            #expect(json.exitCode == 65)
            #expect(json.lines.first?.contains(#""good":false,"line":5,"key":"timeline[0].reboot""#) == true)
        }
    }

    @Test func tracesCanBeFiltered() throws {
        try Self.withFile(Self.pair) { file in
            func traced(_ options: String) throws -> [String] {
                let run = try Shell.run("\(try Shell.thicket()) sim run \(file) --trace \(file).jsonl \(options)")
                #expect(run.exitCode == 0)
                let text = try Data(contentsOf: URL(filePath: file + ".jsonl"))
                return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
            }
            let all = try traced("")
            let some = try traced("--trace-nodes 2 --trace-kinds handshakeDone,linkUp")
            #expect(!some.isEmpty)
            #expect(
                some
                    == all.filter {
                        $0.contains(#""node":2,"event":"handshakeDone""#) || $0.contains(#""node":2,"event":"linkUp""#)
                    }
            )
            let link = try traced("--trace-links 2-1 --trace-kinds handshakeDone")
            #expect(link.allSatisfy { $0.contains(#""node":1,"#) || $0.contains(#""node":2,"#) })
            // Of all links there are, all that names one, be it by its number: links go down before the three are one.
            let links = try traced("--trace-links 1-2,1-3,2-3 --trace-kinds linkUp,linkDown")
            #expect(links.contains { $0.contains(#""event":"linkDown""#) })
            #expect(links == all.filter { $0.contains(#""event":"linkUp""#) || $0.contains(#""event":"linkDown""#) })
        }
        let alone = try Shell.run("\(try Shell.thicket()) sim run x.yaml --trace-nodes 2 2>&1")
        #expect(alone.exitCode == 64)
    }

    @Test func aCaptureDoesNotChangeTheRun() throws {
        try Self.withFile(Self.pair) { file in
            let bare = try Shell.run("\(try Shell.thicket()) sim run \(file) --json")
            let captured = try Shell.run("\(try Shell.thicket()) sim run \(file) --json --capture \(file).pcapng")
            #expect(bare.output == captured.output)
            let bytes = try Data(contentsOf: URL(filePath: file + ".pcapng"))
            #expect(bytes.prefix(4) == Data([0x0A, 0x0D, 0x0D, 0x0A]))
            #expect(bytes.count > 10_000)
        }
    }

    @Test func statisticsStandBeforeTheResult() throws {
        try Self.withFile(Self.pair + "messages: [{ kind: ping, every: 5s, start: 30s }]\n") { file in
            let run = try Shell.run("\(try Shell.thicket()) sim run \(file) --json")
            let line = try #require(run.lines.dropLast().last)
            #expect(line.hasPrefix(#"{"schema":1,"kind":"statistics","messages":[{"of":"ping","sent":"#))
            #expect(line.contains(#""energy":{"model":"protocol 12.3","#))
        }
    }

    @Test func whatOnlyTheOtherRadioCanIsRefused() throws {
        let jammed = Self.pair + "radio: ble\ntimeline: [{ at: 5s, jam: { for: 5s } }]\n"
        try Self.withFile(jammed) { file in
            let run = try Shell.run("\(try Shell.thicket()) sim run \(file) --radio reference 2>&1")
            #expect(run.exitCode == 64)
        }
    }
}
