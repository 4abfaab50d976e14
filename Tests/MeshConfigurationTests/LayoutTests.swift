import FoundationEssentials
import MeshConfiguration
import MeshWire
import Testing

/// Layout files.
@Suite struct LayoutTests {
    @Test func nodesArriveInTheOrderOfTheFile() throws {
        let layout = try Layout(
            json: """
                {"format_version": 1, "description": "anything \\u00e4\\ud83d\\ude00", "width_m": 60.5, "height_m": 4e1,
                 "nodes": [{"id": 2, "x_m": 1, "y_m": -2.25, "sink": true}, {"id": 1, "x_m": 0, "y_m": 0, "z_m": 3}]}
                """,
            file: "a.json"
        )
        #expect(layout.widthMetres == 60.5 && layout.heightMetres == 40)
        #expect(
            layout.nodes == [
                Layout.Node(id: NodeID(2), xMetres: 1, yMetres: -2.25, isSink: true),
                Layout.Node(id: NodeID(1), xMetres: 0, yMetres: 0, zMetres: 3),
            ]
        )
    }

    @Test(arguments: [
        ("{", "1: not JSON: expected a key in quotes"),
        ("{}", "1: key 'format_version': missing; allowed: 1"),
        ("[]", "1: expected a group of keys, found a list; allowed: format_version, width_m, height_m, nodes"),
        ("{\"format_version\": 2}", "1: key 'format_version': out of range: 2; allowed: 1...1"),
        ("{\"format_version\": 1}", "1: key 'nodes': missing; allowed: a list of nodes with id, x_m, y_m"),
        ("{\"format_version\": 1,\n\"nodes\": []}", "2: key 'nodes': 0 nodes; allowed: 1...1999 nodes"),
        (
            "{\"format_version\": 1,\n\"nodes\": [{\"x_m\": 1, \"y_m\": 2}]}",
            "2: key 'nodes[0].id': missing; allowed: 1...1999"
        ),
        (
            "{\"format_version\": 1,\n\"nodes\": [\n{\"id\": 2000, \"x_m\": 1, \"y_m\": 2}]}",
            "3: key 'nodes[0].id': out of range: 2000; allowed: 1...1999"
        ),
        (
            "{\"format_version\": 1,\n\"nodes\": [\n{\"id\": 2, \"x_m\": \"1\", \"y_m\": 2}]}",
            "3: key 'nodes[0].x_m': expected a number, found '1'; allowed: -100000...100000 m"
        ),
        (
            "{\"format_version\": 1,\n\"nodes\": [{\"id\": 2, \"x_m\": 1, \"y_m\": 2, \"sink\": 1}]}",
            "2: key 'nodes[0].sink': expected true or false, found '1'; allowed: true, false"
        ),
        (
            "{\"format_version\": 1,\n\"nodes\": [{\"id\": 2, \"x_m\": 1, \"y\": 2}]}",
            "2: key 'nodes[0].y': unknown key; allowed: id, x_m, y_m, z_m, sink"
        ),
        (
            "{\"format_version\": 1,\n\"nodes\": [{\"id\": 2, \"x_m\": 1, \"y_m\": 2},\n{\"id\": 2, \"x_m\": 1, \"y_m\": 2}]}",
            "3: key 'nodes[1].id': node 2 is there already; allowed: each id once"
        ),
        (
            "{\"format_version\": 1, \"format_version\": 1}",
            "1: key 'format_version': given more than once; allowed: once"
        ),
        ("{\"format_version\": 01}", "1: not JSON: expected a value, found '01'"),
        ("{\"format_version\": 1} x", "1: not JSON: text behind the end"),
        ("{\"format_version\": \"\\ud800\"}", "1: not JSON: half a character in a text"),
        ("{\"format_version\": \"", "1: not JSON: a text without its closing quote"),
        ("{\"format_version\": 1,}", "1: not JSON: expected a key in quotes"),
        ("{\"a\": [1 2]}", "1: not JSON: expected ',' or ']'"),
        ("{\"a\" 1}", "1: not JSON: expected ':'"),
    ])
    func mistakesAreNamed(text: String, line: String) {
        do {
            _ = try Layout(json: text, file: "a.json")
            Issue.record("accepted: \(text)")
        } catch {
            #expect(error.description == "a.json:" + line)
        }
    }

    @Test func deepNestingIsRefused() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: ConfigurationError.self) { try Layout(json: text, file: "a.json") }
    }

    @Test func aScenarioFindsTheLayoutBesideIt() throws {
        let folder = FileManager.default.temporaryDirectory.path() + "/thicket-layout-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder + "/maps", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let layout = "{\"format_version\":1,\"nodes\":[{\"id\":4,\"x_m\":1,\"y_m\":2,\"sink\":true}]}"
        try Data(layout.utf8).write(to: URL(filePath: folder + "/maps/one.json"))
        let scenario = "question: Q?\nduration: 5s\nnodes: { layout: maps/one.json }"
        try Data(scenario.utf8).write(to: URL(filePath: folder + "/s.yaml"))
        #expect(try ScenarioFile(path: folder + "/s.yaml").sinks == [NodeID(4)])

        try Data("{\"format_version\":1,\n\"nodes\":3}".utf8).write(to: URL(filePath: folder + "/maps/one.json"))
        do {
            _ = try ScenarioFile(path: folder + "/s.yaml")
            Issue.record("the layout is broken")
        } catch {
            #expect(
                error.description
                    == "\(folder)/maps/one.json:2: key 'nodes': expected a list, found '3'; allowed: 1...1999 nodes"
            )
        }
    }
}
