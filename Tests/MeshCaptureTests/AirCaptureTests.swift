import FoundationEssentials
import Glibc
import MeshCapture
import MeshConfiguration
import MeshSimulator
import RadioPort
import Testing

/// Captures of simulated air, read by Wireshark's own dissectors and by ours.
@Suite struct AirCaptureTests {
    private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    /// What was written of a run, and what is known of it.
    private struct Written {
        var path: String
        var frames: Int
        var links = 0
        var writes = 0
    }

    /// Runs six nodes for forty seconds and writes what they heard.
    private static func written(in folder: String, radio: String) throws -> Written {
        let scenario = try ScenarioFile(
            yaml: """
                question: What is on air?
                duration: 40s
                radio: \(radio)
                nodes: { positions: [[0, 0], [5, 0], [0, 5], [5, 5], [9, 2], [2, 9]] }
                timeline: [{ at: 30s, reboot: [3] }]
                """,
            file: "six.yaml"
        )
        var options = Simulation.Options(scenario)
        options.keepsRadioEvents = true
        var run = try ScenarioRun(scenario, options: options)
        var capture = AirCapture(comment: "six nodes")
        var written = Written(path: folder + "/air.pcapng", frames: 0)
        run.run(until: run.end)
        for (at, node, event) in run.takeRadioEvents() {
            switch event {
            case .connected(_, _, .central, _, _): written.links += 1
            case .written: written.writes += 1
            default: break
            }
            capture.note(event, at: at, address: run.simulation.address(of: node))
        }
        written.frames = capture.frameCount
        try Data(capture.takeBytes()).write(to: URL(filePath: written.path))
        return written
    }

    /// Lines that tshark prints for the frames that pass a filter.
    private static func tshark(_ path: String, _ filter: String, options: String = "") throws -> [String] {
        let script = root + "/Simulator/Wireshark/thicket.lua"
        let command = "exec 2>/dev/null; tshark -n -X lua_script:'\(script)' -r '\(path)' -Y '\(filter)' \(options)"
        let stream = try #require(popen(command, "r"))
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, stream)
            guard count > 0 else { break }
            output += buffer[..<count]
        }
        try #require(pclose(stream) == 0, "tshark failed: is it installed?")
        return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test(arguments: ["reference", "ble"]) func wiresharkUnderstandsEveryFrame(radio: String) throws {
        let folder = try Folder()
        let written = try Self.written(in: folder.path, radio: radio)
        #expect(written.frames > 300)
        #expect(written.links >= 5)
        #expect(try Self.tshark(written.path, "frame").count == written.frames)
        #expect(try Self.tshark(written.path, "btle").count == written.frames)
        #expect(try Self.tshark(written.path, "_ws.malformed || _ws.expert.severity >= 0x600000") == [])
        #expect(try Self.tshark(written.path, "btle.crc.incorrect") == [])
        #expect(try Self.tshark(written.path, "btle.advertising_header.pdu_type == 0x05").count == written.links)
        // Every write is there, and is a message of the mesh or a piece of one.
        let writes = try Self.tshark(written.path, "btatt.opcode == 0x52 || btatt.opcode == 0x12")
        #expect(writes.count == written.writes)
        #expect(try Self.tshark(written.path, "thicket.type").count == written.writes)
        let joinMe = try Self.tshark(written.path, "thicket.join_me", options: "-T fields -e thicket.sender")
        #expect(joinMe.count > 100)
        #expect(Set(joinMe) == ["1", "2", "3", "4", "5", "6"])
        #expect(try Self.tshark(written.path, "btle.control_opcode == 0x02").count >= 1)
        // CLUSTER_WELCOME opens every handshake.
        #expect(try Self.tshark(written.path, "thicket.type == 20").count >= 5)
    }

    @Test func theFileSaysWhatItIsNot() throws {
        var capture = AirCapture(comment: "nothing yet")
        let text = String(decoding: capture.takeBytes(), as: UTF8.self)
        #expect(text.contains("nothing yet"))
        #expect(text.contains("in the clear"))
        #expect(capture.takeBytes().isEmpty)
    }
}
