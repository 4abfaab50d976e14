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

    @Test func linksAreColumns() throws {
        let answer = try Self.answer(
            #"{"kind":"link","link":3,"purpose":"mesh","role":"peripheral","state":"handshakeDone","partner":9,"#
                + #""address":"c0:00:00:00:00:09","rssi_dbm":-60,"master_bit":true,"nodes_behind":2,"#
                + #""hops_to_sink":null,"protection":"radio","age_s":1.5,"sent":10,"dropped":0}"#
        )
        #expect(Links.header == "link partner role       state           dBm  bit   behind protection  age s")
        #expect(Links.row(answer) == "3    9       peripheral handshakeDone   -60  true  2      radio       1.5")
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
        #expect(result.lines.count == 3 && result.lines.first == Links.header)
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
        #expect(result.exitCode == 3)
        #expect(result.output == "error: too many clients, at most 16\n")
        let other = try Self.run("status", hearing: ["HTTP/1.1 400"]).result
        #expect(other.exitCode == 3)
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
