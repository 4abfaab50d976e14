import Glibc
import LinuxSystem
import MeshConfiguration
import MeshCore
import MeshSimulator
import MeshWire
import RadioPort
import Testing

@testable import MeshControl
@testable import thicket

/// Surveys of simulated meshes, through the control socket of one of the nodes.
@Suite struct SurveyedSimulationTests {
    /// A formed network that is served, and one client of one of its nodes.
    private final class Bench {
        let served: ServedSimulation
        let count: Int
        private let loop: EventLoop
        private let folder: String
        private let descriptor: FileDescriptor
        private var input: [UInt8] = []

        init(nodes: Int, clustering: ClusteringMode, seed: UInt64) throws {
            var template = Array("/tmp/thicket-survey-XXXXXX".utf8CString)
            folder = try #require(mkdtemp(&template).map { String(cString: $0) })
            var file = try ScenarioFile(
                yaml: """
                    question: Who is linked with whom?
                    radio: reference
                    nodes: { count: \(nodes), placement: random }
                    network: { clustering: \(clustering.rawValue) }
                    """,
                file: "survey.yaml"
            )
            file.durationMicroseconds = .max
            var options = Simulation.Options(file)
            options.configuration.tracing = true
            options.keepsDeliveries = true
            let run = try ScenarioRun(file, seed: seed, options: options)
            count = nodes
            loop = try EventLoop()
            served = ServedSimulation(run, speed: nil, loop: loop)
            try served.listen(in: folder)
            try SkippedTime.formed.pass(in: served)
            served.start()
            descriptor = try Endpoint.connect(unix: folder + "/1.sock")
        }

        deinit {
            for node in 1...count { unlink("\(folder)/\(node).sock") }
            rmdir(folder)
        }

        /// The objects of an answer but the last.
        func ask(_ line: String) throws -> [ControlAnswer] {
            try descriptor.writeAll(Array((line + "\n").utf8))
            var answers: [ControlAnswer] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                try loop.turn(waiting: 1000)
                if let count = try descriptor.read(into: &buffer) { input += buffer.prefix(count) }
                while let end = input.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = String(decoding: input[..<end], as: UTF8.self)
                    input.removeFirst(end + 1)
                    let answer = try #require(ControlAnswer(line))
                    try #require(answer.kind != "error", "\(line)")
                    if answer.kind == "done" { return answers }
                    answers.append(answer)
                }
            }
        }

        /// The links that there are.
        var edges: Set<[UInt16]> {
            var edges: Set<[UInt16]> = []
            for index in 0..<count {
                let node = served.node(index)
                for link in node.linkViews where link.isMeshEdge {
                    edges.insert([node.identity.node.rawValue, link.partner.rawValue].sorted())
                }
            }
            return edges
        }
    }

    @Test(arguments: [ClusteringMode.classic, .graft])
    func theSurveyTellsTheLinksThatThereAre(clustering: ClusteringMode) throws {
        for seed: UInt64 in [1, 7] {
            let bench = try Bench(nodes: 20, clustering: clustering, seed: seed)
            let begin = bench.served.now
            let answers = try bench.ask(#"{"request":"survey","hearing":true,"devices":true}"#)
            var topology = MeshTopology()
            for answer in answers { topology.take(answer) }
            #expect(Set(topology.edges.map { [$0.first.rawValue, $0.second.rawValue] }) == bench.edges, "seed \(seed)")
            #expect(topology.nodes.map(\.id) == (1...20).map { NodeID($0) })
            #expect(topology.nodes.allSatisfy { $0.type == "static" && $0.hops != nil })
            let summary = try #require(answers.last)
            #expect(summary.kind == "summary")
            #expect(summary.text("complete") == "true")
            #expect(summary.text("expected") == "20")
            #expect(answers.contains { $0.kind == "progress" })
            let weak = WeakPoints(topology)
            #expect(weak.listeners == 20)
            #expect(weak.strangers == [])
            // Within the share: what was spent was earned, but for the first second.
            let seconds = bench.served.now.seconds - begin.seconds
            let packets = try #require(Double(summary.text("packets")))
            #expect(packets <= (seconds + 1) * 8.5 + Double(SurveyQuestion.allConnections.packets), "\(seconds) s")

            // The second time nothing is asked.
            let again = try bench.ask(#"{"request":"survey","hearing":true,"devices":true}"#)
            #expect(again.last?.text("packets") == summary.text("packets"))
            #expect(again.count { $0.kind == "edge" } == 19)
        }
    }
}
