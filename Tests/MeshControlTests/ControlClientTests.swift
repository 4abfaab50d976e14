import Glibc
import LinuxSystem
import Testing

@testable import MeshControl

/// The waiting client.
@Suite struct ControlClientTests {
    /// A client whose daemon said this and hung up.
    private static func client(hearing text: String) throws -> ControlClient {
        let folder = try Folder()
        let listener = try Endpoint.listen(unix: folder.socket, mode: 0o600)
        let client = try ControlClient(path: folder.socket)
        guard let server = try Endpoint.accept(listener) else { throw SystemError("accept") }
        try server.writeAll(Array(text.utf8))
        return client
    }

    @Test func requestsAreOneLine() throws {
        let folder = try Folder()
        let listener = try Endpoint.listen(unix: folder.socket, mode: 0o600)
        let client = try ControlClient(path: folder.socket)
        try client.send(["request": "send", "bytes": "05\n"])
        guard let server = try Endpoint.accept(listener) else { throw SystemError("accept") }
        var buffer = [UInt8](repeating: 0, count: 100)
        let count = try server.read(into: &buffer)
        #expect(
            String(decoding: buffer.prefix(count ?? 0), as: UTF8.self)
                == #"{"request":"send","bytes":"05\n"}"# + "\n"
        )
    }

    @Test func waitingForAnAnswerHasAnEnd() throws {
        let folder = try Folder()
        let listener = try Endpoint.listen(unix: folder.socket, mode: 0o600)
        var client = try ControlClient(path: folder.socket)
        guard let server = try Endpoint.accept(listener) else { throw SystemError("accept") }
        try server.writeAll(Array(#"{"kind":"link"}"#.utf8))
        let begin = ContinuousClock.now
        // Half a line is no answer.
        let early = try client.nextAnswer(before: begin + .milliseconds(50))
        #expect(early == nil)
        #expect(ContinuousClock.now >= begin + .milliseconds(50))
        try server.writeAll(Array("\n".utf8))
        let answer = try client.nextAnswer(before: .now + .seconds(20))
        #expect(answer?.kind == "link")
        // What has come already is had even when the time is up.
        try server.writeAll(Array("{\"kind\":\"a\"}\n{\"kind\":\"b\"}\n".utf8))
        _ = try client.nextAnswer(before: .now + .seconds(20))
        let second = try client.nextAnswer(before: begin)
        #expect(second?.kind == "b")
        _ = consume server
        #expect(throws: ControlError.self) { _ = try client.nextAnswer(before: .now + .seconds(20)) }
    }

    @Test func objectsComeUntilTheAnswerIsDone() throws {
        var client = try Self.client(
            hearing: """
                {"schema":1,"kind":"link","partner":7,"rssi":null,"name":"a b","up":true,"list":[1]}
                {"schema":1,"kind":"link"}
                {"schema":1,"kind":"done"}
                {"schema":1,"kind":"link"}

                """
        )
        let first = try #require(try client.nextAnswer())
        #expect(first.kind == "link")
        #expect(first.text("partner") == "7")
        #expect(first.text("rssi") == "-")
        #expect(first.text("missing", otherwise: "unknown") == "unknown")
        #expect(first.text("name") == "a b")
        #expect(first.text("list") == "-")
        #expect(first.texts("list") == ["1"])
        #expect(first.texts("name") == [] && first.texts("missing") == [])
        #expect(first.words(without: ["schema", "kind", "list", "rssi"]) == "partner=7 name=a b up=true")
        #expect(first.line.hasPrefix(#"{"schema":1"#))
        let second = try client.nextAnswer()
        #expect(second?.kind == "link")
        let end = try client.nextAnswer()
        #expect(end == nil)
        // What comes later is the next answer; then the daemon is gone.
        let next = try client.nextAnswer()
        #expect(next?.kind == "link")
        #expect(throws: ControlError.self) { _ = try client.nextAnswer() }
    }

    @Test func errorsAreThrownWithTheirText() throws {
        var client = try Self.client(hearing: #"{"schema":1,"kind":"error","text":"too many clients"}"# + "\n")
        do throws(ControlError) {
            _ = try client.nextAnswer()
            Issue.record("no error")
        } catch {
            #expect(error.text == "too many clients")
        }
    }

    @Test(arguments: ["nonsense", "[]", "{}", #"{"kind":7,"kind":8}"#, #"{"kind":[]}"#, #"{"kind":null}"#])
    func whatIsNoAnswerSaysToUpdate(line: String) throws {
        var client = try Self.client(hearing: line + "\n")
        do throws(ControlError) {
            _ = try client.nextAnswer()
            Issue.record("no error")
        } catch {
            #expect(error.text.hasSuffix(" says what this program does not understand; update both"))
        }
    }

    @Test func aLineWithoutItsEndIsNoAnswer() throws {
        var client = try Self.client(hearing: #"{"schema":1,"kind":"done"}"#)
        do throws(ControlError) {
            _ = try client.nextAnswer()
            Issue.record("no error")
        } catch {
            #expect(error.text.hasSuffix(" ended the connection"))
        }
    }

    @Test func whoIsNotThereIsNamedWithTheWayOut() throws {
        let folder = try Folder()
        let advice =
            "cannot reach the daemon at \(folder.socket): it is not running; "
            + "start it with 'systemctl start thicketd@hci0' or 'thicketd --config FILE'"
        for isStale in [false, true] {
            if isStale { _ = try Endpoint.listen(unix: folder.socket, mode: 0o600) }
            do throws(ControlError) {
                _ = try ControlClient(path: folder.socket)
                Issue.record("reached")
            } catch {
                #expect(error.text == advice)
            }
        }
    }
}
