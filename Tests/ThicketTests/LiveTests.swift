import ArgumentParser
import Glibc
import Testing

@testable import MeshControl
@testable import thicket

/// The verbs that look at a daemon.
@Suite struct LiveTests {
    private static func answer(_ line: String) throws -> ControlAnswer { try #require(ControlAnswer(line)) }

    // MARK: - Lines for people

    @Test(
        arguments: [
            ([], "/run/thicket/control.sock"), (["--node", "hci1"], "/run/thicket/hci1.sock"),
            (["--node", "/tmp/a.sock"], "/tmp/a.sock"), (["--node", "./a.sock"], "./a.sock"),
        ] as [([String], String)]
    )
    func aDaemonIsFoundByNameOrPath(options: [String], path: String) throws {
        let options = try LiveOptions.parse(options)
        #expect(options.path == path)
    }

    @Test func statusIsAFewLines() throws {
        let answer = try Self.answer(
            #"{"schema":1,"kind":"status","health":"degraded","reason":"3 of 4 nodes are in the cluster","node":7,"#
                + #""name":"attic","network":11,"cluster":1193046,"cluster_size":3,"expected_size":4,"links_in":1,"#
                + #""links_out":2,"master_bits":1,"sink":false,"hops_to_sink":2,"address":"c0:00:00:00:00:07","#
                + #""radio":"hci","adapter":"hci0","controller":"Bluetooth 5.4, Nordic","radio_state":"ready","#
                + #""version":"0.1.0","uptime_s":12.5,"counters":{"queue_overflows":0}}"#
        )
        #expect(
            Status.lines(answer) == [
                "health    degraded: 3 of 4 nodes are in the cluster",
                "node      7 (attic) of network 11",
                "cluster   1193046, 3 of 4 nodes",
                "links     1 in, 2 out, 1 master bits",
                "sink      2 hops away",
                "radio     hci0 ready, Bluetooth 5.4, Nordic",
                "address   c0:00:00:00:00:07",
                "uptime    12.5 s, version 0.1.0",
            ]
        )
    }

    @Test func whatIsUnknownHasAWord() throws {
        let answer = try Self.answer(
            #"{"kind":"status","node":7,"name":null,"network":11,"cluster_size":1,"expected_size":null,"sink":true,"#
                + #""hops_to_sink":0,"adapter":"hci0","radio_state":"starting"}"#
        )
        let lines = Status.lines(answer)
        #expect(lines[1] == "node      7 of network 11")
        #expect(lines[2] == "cluster   -, 1 nodes")
        #expect(lines[4] == "sink      this node")
        #expect(lines[5] == "radio     hci0 starting, unknown")
        let other = Status.lines(try Self.answer(#"{"kind":"status","sink":false,"hops_to_sink":null}"#))
        #expect(other[4] == "sink      unknown hops away")
    }

    @Test func clusteringAndNodesOfTheOtherModeAreTold() throws {
        func lines(_ keys: String) throws -> [String] {
            Status.lines(try Self.answer(#"{"kind":"status","cluster":5,"cluster_size":3,\#(keys)}"#))
        }
        let classic = try lines(#""clustering":"classic","rank":null,"root":null,"other_mode_nodes":[]"#)
        #expect(classic[2] == "cluster   5, 3 nodes, classic")
        #expect(!classic.contains { $0.hasPrefix("warning") })
        let root = try lines(#""clustering":"graft","rank":7,"root":true,"other_mode_nodes":[9]"#)
        #expect(root[2] == "cluster   5, 3 nodes, graft, rank 7, root")
        #expect(root.last == "warning   classic node 9 in a graft network")
        let other = try lines(#""clustering":"graft","rank":4294967279,"root":false,"other_mode_nodes":[9,1999]"#)
        #expect(other[2] == "cluster   5, 3 nodes, graft, rank 4294967279")
        #expect(other.last == "warning   classic nodes 9, 1999 in a graft network")
        let stranger = try lines(#""clustering":"classic","other_mode_nodes":[12]"#)
        #expect(stranger.last == "warning   graft node 12 in a classic network")
    }

    @Test func aChangeThatIsToComeIsTold() throws {
        let known = Status.lines(
            try Self.answer(
                #"{"kind":"status","planned_clustering":"graft","planned_at":1795716000,"network_time":1795715940}"#
            )
        )
        #expect(known.last == "planned   clustering graft from 2026-11-26T18:00:00Z on, in 60 s")
        let unknown = Status.lines(
            try Self.answer(
                #"{"kind":"status","planned_clustering":"graft","planned_at":1795716000,"network_time":null}"#
            )
        )
        #expect(unknown.last == "planned   clustering graft from 2026-11-26T18:00:00Z on, when the time is known")
    }

    @Test func statusFitsTheTerminal() throws {
        let lines = Status.lines(
            try Self.answer(
                #"{"kind":"status","health":"degraded","reason":"1234 of 1999 nodes are in the cluster; "#
                    + #"classic node 1999 is near","cluster":4294967295,"cluster_size":1234,"expected_size":1999,"#
                    + #""clustering":"graft","rank":4294967279,"root":true,"other_mode_nodes":[1996,1997,1998,1999],"#
                    + #""radio":"hci","adapter":"h4:unix:/tmp/thicket-lab-x1y2z3a4/air/7","radio_state":"ready","#
                    + #""controller":"Bluetooth 5.4, Realtek Semiconductor Corporation"}"#
            )
        )
        #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines)")
        #expect(lines[0] == "health    degraded: 1234 of 1999 nodes are in the cluster; classic node 1999 is")
        #expect(lines[1] == "          near")
        #expect(lines.count == 11)
    }

    @Test func linesAreFoldedAtSpaces() {
        let word = String(repeating: "x", count: 75)
        #expect(FoldedText.lines("a b", indent: 4) == ["a b"])
        #expect(FoldedText.lines("a \(word) b", indent: 4) == ["a \(word) b"])
        #expect(FoldedText.lines("ab \(word) b c", indent: 2) == ["ab \(word) b", "  c"])
        #expect(FoldedText.lines("abc \(word)\(word) d", indent: 2) == ["abc", "  \(word)\(word)", "  d"])
    }

    @Test func linksOfAGraftNodeTellTheTree() throws {
        func link(_ relation: String) throws -> ControlAnswer {
            try Self.answer(
                #"{"kind":"link","link":3,"role":"peripheral","state":"handshakeDone","partner":1999,"rssi_dbm":-60,"#
                    + #""master_bit":true,"relation":\#(relation),"nodes_behind":1998,"protection":"linkLayer","#
                    + #""age_s":86400.2}"#
            )
        }
        let lines = Links.lines([try link(#""child""#), try link("null"), try link(#""engaged""#)])
        #expect(
            lines == [
                "link partner role       state         dBm  partner is behind protection age s",
                "3    1999    peripheral handshakeDone -60  child      1998   linkLayer  86400.2",
                "3    1999    peripheral handshakeDone -60  -          1998   linkLayer  86400.2",
                "3    1999    peripheral handshakeDone -60  engaged    1998   linkLayer  86400.2",
            ]
        )
        #expect(lines.allSatisfy { $0.count <= 80 })
        // No relation at all: a classic node.
        #expect(Links.lines([try link("null")]).first == Links.header())
        #expect(Links.lines([]) == ["no links"])
    }

    @Test func linksAreColumns() throws {
        let answer = try Self.answer(
            #"{"kind":"link","link":3,"purpose":"mesh","role":"peripheral","state":"handshakeDone","partner":9,"#
                + #""address":"c0:00:00:00:00:09","rssi_dbm":-60,"master_bit":true,"nodes_behind":2,"#
                + #""hops_to_sink":null,"protection":"radio","age_s":1.5,"sent":10,"dropped":0}"#
        )
        #expect(Links.header() == "link partner role       state           dBm  bit   behind protection  age s")
        #expect(Links.row(answer) == "3    9       peripheral handshakeDone   -60  true  2      radio       1.5")
        // Under the ble radio of a simulation handshakes do not fall on tenths.
        let exact = try Self.answer(#"{"kind":"link","link":3,"partner":9,"age_s":68.760485}"#)
        #expect(Links.row(exact).hasSuffix(" 68.8"))
        let unknown = Links.row(try Self.answer(#"{"kind":"link","link":0,"partner":null,"role":"central"}"#))
        #expect(unknown == "0    -       central    -               -    -     -      -           -")
    }

    @Test func eventsAreOneLineEach() throws {
        let event = try Self.answer(
            #"{"schema":1,"kind":"event","at_s":12.5,"trace":"linkUp","link":3,"role":"central","by":null}"#
        )
        #expect(Monitor.line(event) == "        12.5 s  linkUp link=3 role=central by=-")
        let gap = try Self.answer(#"{"schema":1,"kind":"gap","lost":12}"#)
        #expect(Monitor.line(gap) == "               12 events lost: read faster")
        #expect(Monitor.line(try Self.answer(#"{"schema":1,"kind":"monitoring"}"#)) == nil)
    }

    // MARK: - The program

    /// Runs the program against a daemon that reads one request, says something, and hangs up.
    private static func run(_ verb: String, hearing lines: [String]) throws -> (request: String, result: Shell.Result) {
        var template = Array("/tmp/thicket-live-XXXXXX".utf8CString)
        let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        let path = folder + "/control.sock"
        defer {
            unlink(path)
            rmdir(folder)
        }
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0 && listen(listener, 1) == 0)
        let stream = try #require(popen("\(try Shell.thicket()) \(verb) --node \(path) 2>&1", "r"))
        var arrival = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        guard poll(&arrival, 1, 30_000) == 1 else {
            pclose(stream)
            Issue.record("nobody connects")
            return ("", Shell.Result(output: "", exitCode: -1))
        }
        let connection = accept(listener, nil, nil)
        var request: [UInt8] = []
        var byte: UInt8 = 0
        while read(connection, &byte, 1) == 1, byte != UInt8(ascii: "\n") { request.append(byte) }
        let text = Array((lines.joined(separator: "\n") + "\n").utf8)
        _ = write(connection, text, text.count)
        // Programs that other tests start meanwhile may have inherited the descriptor.
        shutdown(connection, Int32(SHUT_RDWR))
        close(connection)
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&buffer, 1, buffer.count, stream)
            guard count > 0 else { break }
            output += buffer[..<count]
        }
        let status = pclose(stream)
        let result = Shell.Result(
            output: String(decoding: output, as: UTF8.self).replacing(path, with: "PATH"),
            exitCode: status & 0x7F == 0 ? status >> 8 & 0xFF : -1
        )
        return (String(decoding: request, as: UTF8.self), result)
    }

    private static let done = #"{"schema":1,"kind":"done"}"#

    @Test(arguments: [("good", 0), ("degraded", 1), ("isolated", 2), ("strange", 2)] as [(String, Int32)])
    func theExitCodeTellsTheHealth(health: String, code: Int32) throws {
        let line = #"{"schema":1,"kind":"status","health":"\#(health)","reason":"so"}"#
        let (request, result) = try Self.run("status", hearing: [line, Self.done])
        #expect(request == #"{"request":"status"}"#)
        #expect(result.exitCode == code)
        #expect(result.lines.first == "health    \(health): so")
        let json = try Self.run("status --json", hearing: [line, Self.done]).result
        #expect(json.exitCode == code)
        #expect(json.output == line + "\n")
    }

    @Test func linksAreListedOrNone() throws {
        let line = #"{"schema":1,"kind":"link","link":3}"#
        let (request, result) = try Self.run("links", hearing: [line, line, Self.done])
        #expect(request == #"{"request":"links"}"#)
        #expect(result.exitCode == 0)
        #expect(result.lines.count == 3 && result.lines.first == Links.header())
        let none = try Self.run("links", hearing: [Self.done]).result
        #expect(none.exitCode == 0 && none.output == "no links\n")
        let json = try Self.run("links --json", hearing: [Self.done]).result
        #expect(json.exitCode == 0 && json.output.isEmpty)
    }

    @Test func monitoringEndsWithTheDaemon() throws {
        let event = #"{"schema":1,"kind":"event","at_s":1,"trace":"newCluster","cluster":5}"#
        let lines = [#"{"schema":1,"kind":"monitoring"}"#, event]
        let (request, result) = try Self.run("monitor", hearing: lines)
        #expect(request == #"{"request":"monitor"}"#)
        #expect(result.exitCode == 3)
        #expect(
            result.lines == [
                "           1 s  newCluster cluster=5", "error: the daemon at PATH ended the connection",
            ]
        )
        let json = try Self.run("monitor --json", hearing: lines).result
        #expect(Array(json.lines.prefix(2)) == lines)
    }

    @Test func refusalsAreErrors() throws {
        let line = #"{"schema":1,"kind":"error","text":"too many clients, at most 16"}"#
        let result = try Self.run("status", hearing: [line]).result
        #expect(result.exitCode == 1)
        #expect(result.output == "error: too many clients, at most 16\n")
        let other = try Self.run("status", hearing: ["HTTP/1.1 400"]).result
        #expect(other.exitCode == 1)
        #expect(
            other.output == "error: the daemon at PATH says what this program does not understand; update both\n"
        )
    }

    @Test func nobodyThereIsAnErrorWithAWayOut() throws {
        let path = "/nonexistent/control.sock"
        for verb in ["status", "links", "monitor"] {
            let result = try Shell.run("\(try Shell.thicket()) \(verb) --node \(path) 2>&1")
            #expect(result.exitCode == 3)
            #expect(
                result.output
                    == "error: cannot reach the daemon at \(path): it is not running; start it with "
                    + "'systemctl start thicketd@hci0' or 'thicketd --config FILE'\n"
            )
        }
    }
}
