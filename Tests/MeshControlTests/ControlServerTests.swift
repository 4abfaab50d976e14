import Glibc
import LinuxSystem
import MeshControl
import RadioPort
import TestSupport
import Testing

/// The control socket from the outside.
@Suite struct ControlServerTests {
    private static let done = #"{"schema":1,"kind":"done"}"#

    private static func event(_ number: Int) -> ControlEvent {
        ControlEvent(["schema": 1, "kind": "event", "number": .integer(Int64(number))])
    }

    // MARK: - Answers

    @Test func answersHaveTheIdOfTheirRequest() throws {
        let bench = try Bench()
        let client = try bench.client()
        var lines = try bench.ask(client, #"{"id":7,"request":"status"}"#)
        #expect(lines == [#"{"kind":"thing","number":1,"id":7}"#, #"{"schema":1,"kind":"done","id":7}"#])
        lines = try bench.ask(client, #"{"request":"links"}"#)
        #expect(lines == [#"{"kind":"thing","number":1}"#, Self.done])
        #expect(bench.source.verbs == [.status, .links])
    }

    @Test func requestsMayComeInPiecesAndTogether() throws {
        let bench = try Bench()
        bench.source.objects = []
        let client = try bench.client()
        let text = "{\"id\":1,\"request\":\"status\"}\n\n{\"id\":2,\"request\":\"links\"}\n"
        for byte in text.utf8 {
            try client.send(bytes: [byte])
            try bench.settle()
        }
        var lines = try bench.read(client)
        #expect(lines == [#"{"schema":1,"kind":"done","id":1}"#, #"{"schema":1,"kind":"done","id":2}"#])
        try client.send(text)
        lines = try bench.read(client)
        #expect(lines.count == 2)
    }

    @Test func refusalsOfTheSourceAreErrorsWithTheId() throws {
        let bench = try Bench()
        bench.source.refusal = ControlError("not \"now\"")
        let client = try bench.client()
        let lines = try bench.ask(client, #"{"id":3,"request":"status"}"#)
        #expect(lines == [#"{"schema":1,"kind":"error","text":"not \"now\"","id":3}"#])
        #expect(bench.server?.malformedRequests == 0)
    }

    @Test func whatIsNoRequestIsAnsweredAndCounted() throws {
        let bench = try Bench()
        let client = try bench.client()
        let lines = try bench.ask(client, "{\"request\":\n\u{1}\nnonsense")
        #expect(
            lines == [
                #"{"schema":1,"kind":"error","text":"not JSON: expected a value"}"#,
                #"{"schema":1,"kind":"error","text":"not JSON: expected a value"}"#,
                #"{"schema":1,"kind":"error","text":"not JSON: expected a value, found 'nonsense'"}"#,
            ]
        )
        #expect(bench.server?.malformedRequests == 3)
        #expect(bench.source.verbs.isEmpty)
        // The connection goes on.
        let answer = try bench.ask(client, #"{"request":"status"}"#)
        #expect(answer.last == Self.done)
    }

    @Test func anEndlessRequestEndsTheConnection() throws {
        let bench = try Bench { $0.request = 100 }
        let client = try bench.client()
        try client.send(String(repeating: " ", count: 101))
        let lines = try bench.read(client)
        #expect(lines == [#"{"schema":1,"kind":"error","text":"a request has at most 100 bytes"}"#])
        #expect(client.isEnded)
        // As many bytes as are allowed do no harm.
        let other = try bench.client()
        let request = #"{"request":"status"}"#
        let answer = try bench.ask(other, request + String(repeating: " ", count: 100 - request.utf8.count))
        #expect(answer.last == Self.done)
    }

    // MARK: - Subscriptions

    @Test func subscribersGetEveryEventAndOthersNone() throws {
        let bench = try Bench()
        let first = try bench.client()
        let second = try bench.client()
        let other = try bench.client()
        try bench.settle()
        #expect(bench.server?.isMonitored == false)
        var lines = try bench.ask(first, #"{"id":9,"request":"monitor"}"#)
        #expect(lines == [#"{"schema":1,"kind":"monitoring","id":9}"#])
        _ = try bench.ask(second, #"{"request":"monitor"}"#)
        #expect(bench.server?.isMonitored == true)
        for number in 0..<3 { bench.server?.publish(Self.event(number)) }
        lines = try bench.read(first)
        #expect(lines == (0..<3).map { #"{"schema":1,"kind":"event","number":\#($0),"id":9}"# })
        lines = try bench.read(second)
        #expect(lines == (0..<3).map { #"{"schema":1,"kind":"event","number":\#($0)}"# })
        lines = try bench.read(other)
        #expect(lines.isEmpty)
        // Subscribers may ask as well.
        lines = try bench.ask(first, #"{"id":10,"request":"status"}"#)
        #expect(lines.count == 2)
        #expect(bench.source.verbs == [.status])
    }

    @Test func whatASlowReaderLosesIsCounted() throws {
        let bench = try Bench { $0.backlog = 20_000 }
        let slow = try bench.client()
        let fast = try bench.client()
        for client in [slow, fast] { _ = try bench.ask(client, #"{"id":1,"request":"monitor"}"#) }
        let count = 20_000
        var fastCount = 0
        for number in 0..<count {
            bench.server?.publish(Self.event(number))
            if number % 50 == 0 { fastCount += try fast.read().count }
        }
        fastCount += try bench.read(fast).count
        // One reader's sloth is not the other's loss.
        #expect(fastCount == count)
        let before = try bench.read(slow)
        #expect(before.count < count)
        // What did arrive is the beginning, without a hole.
        #expect(before == (0..<before.count).map { #"{"schema":1,"kind":"event","number":\#($0),"id":1}"# })
        bench.server?.publish(Self.event(count))
        let after = try bench.read(slow)
        #expect(
            after == [
                #"{"schema":1,"kind":"gap","lost":\#(count - before.count),"id":1}"#,
                #"{"schema":1,"kind":"event","number":\#(count),"id":1}"#,
            ]
        )
        // What was told is not told again.
        bench.server?.publish(Self.event(0))
        let later = try bench.read(slow)
        #expect(later == [#"{"schema":1,"kind":"event","number":0,"id":1}"#])
        // Answers still find room while events do not.
        for number in 0..<count { bench.server?.publish(Self.event(number)) }
        let answer = try bench.ask(slow, #"{"id":2,"request":"status"}"#)
        #expect(answer.last == #"{"schema":1,"kind":"done","id":2}"#)
        #expect(!slow.isEnded)
    }

    @Test func subscriptionsEndWithTheClient() throws {
        let bench = try Bench()
        do {
            let client = try bench.client()
            _ = try bench.ask(client, #"{"request":"monitor"}"#)
            #expect(bench.server?.isMonitored == true)
        }
        // Nobody is there, but nobody has noticed yet.
        for number in 0..<10 { bench.server?.publish(Self.event(number)) }
        try bench.settle()
        #expect(bench.server?.isMonitored == false)
    }

    // MARK: - Bounds

    @Test func furtherClientsAreRefusedUntilOneLeaves() throws {
        let bench = try Bench { $0.clients = 2 }
        var clients = [try bench.client(), try bench.client()]
        try bench.settle()
        let refused = try bench.client()
        let lines = try bench.read(refused)
        #expect(lines == [#"{"schema":1,"kind":"error","text":"too many clients, at most 2"}"#])
        #expect(refused.isEnded)
        var answer = try bench.ask(clients[1], #"{"request":"status"}"#)
        #expect(answer.last == Self.done)
        clients.removeFirst()
        try bench.settle()
        let next = try bench.client()
        answer = try bench.ask(next, #"{"request":"status"}"#)
        #expect(answer.last == Self.done)
    }

    @Test func aClientThatAsksWithoutReadingHoldsUpNobodyElse() throws {
        let bench = try Bench { $0.backlog = 20_000 }
        bench.source.objects = [["text": .text(String(repeating: "x", count: 1000))]]
        let client = try bench.client()
        try client.send(String(repeating: "{\"request\":\"status\"}\n", count: 2000))
        var servedUnread = -1
        while bench.source.verbs.count > servedUnread {
            servedUnread = bench.source.verbs.count
            try bench.settle()
        }
        #expect(servedUnread < 2000)
        let other = try bench.client()
        let answer = try bench.ask(other, #"{"request":"status"}"#)
        #expect(answer.last == Self.done)
        #expect(bench.source.verbs.count == servedUnread + 1)
        // It gets all once it reads.
        let lines = try bench.read(client)
        #expect(lines.count == 4000)
        #expect(bench.source.verbs.count == 2001)
    }

    @Test func anAnswerMayBeBiggerThanWhatMayWait() throws {
        let bench = try Bench { $0.backlog = 2000 }
        bench.source.objects = Array(repeating: ["text": .text(String(repeating: "x", count: 3000))], count: 200)
        let client = try bench.client()
        let lines = try bench.ask(client, #"{"request":"status"}"#)
        #expect(lines.count == 201)
        #expect(!client.isEnded)
    }

    @Test func aClientThatLeavesInTheMiddleOfAnAnswerDoesNoHarm() throws {
        let bench = try Bench()
        bench.source.objects = (0..<500).map { ["text": .text(String(repeating: "x", count: 1000) + "\($0)")] }
        do {
            let client = try bench.client()
            try client.send(#"{"request":"status"}"# + "\n")
            try bench.loop.turn(waiting: 0)
            try bench.loop.turn(waiting: 0)
        }
        do {
            // Gone before the answer begins.
            let client = try bench.client()
            try client.send(#"{"request":"status"}"# + "\n" + #"{"request":"status"}"# + "\n")
        }
        try bench.settle()
        bench.source.objects = []
        let other = try bench.client()
        let answer = try bench.ask(other, #"{"request":"status"}"#)
        #expect(answer == [Self.done])
    }

    @Test func randomBytesNeverTrap() throws {
        var random = SplitMix.announced("ControlServerTests.randomBytesNeverTrap")
        let bench = try Bench { $0.clients = 4 }
        var clients: [Client] = []
        for _ in 0..<2000 {
            if clients.count < 3 { clients.append(try bench.client()) }
            let index = random.below(clients.count)
            let text: [String] = [
                "{\"request\":\"monitor\"}\n", "{\"request\":\"status\"}\n", "{\"id\":", "\"", "\n", "[[[[",
            ]
            let bytes = random.below(2) == 0 ? random.bytes(atMost: 40) : Array(text[random.below(6)].utf8)
            try? clients[index].send(bytes: bytes)
            bench.server?.publish(Self.event(0))
            try bench.loop.turn(waiting: 0)
            if random.below(20) == 0 {
                clients.remove(at: index)
            } else {
                _ = try clients[index].read()
                if clients[index].isEnded { clients.remove(at: index) }
            }
        }
        clients = []
        try bench.settle()
        #expect(bench.server?.isMonitored == false)
        let client = try bench.client()
        let answer = try bench.ask(client, #"{"request":"status"}"#)
        #expect(answer.last == Self.done, "seed \(random.seed)")
    }

    // MARK: - Sockets

    @Test func theSocketIsForTheGroupAndGoesWithTheServer() throws {
        let bench = try Bench()
        var information = stat()
        #expect(lstat(bench.folder.socket, &information) == 0)
        #expect(information.st_mode & 0o7777 == 0o660)
        bench.close()
        #expect(lstat(bench.folder.socket, &information) != 0)
    }

    @Test func aSocketThatNobodyListensOnIsReplaced() throws {
        let folder = try Folder()
        do { _ = try Endpoint.listen(unix: folder.socket, mode: 0o600) }
        #expect(access(folder.socket, F_OK) == 0)
        let loop = try EventLoop()
        let source = Source()
        let server = try ControlServer(path: folder.socket, loop: loop, source: source)
        let client = Client(try Endpoint.connect(unix: folder.socket))
        try client.send(#"{"request":"status"}"# + "\n")
        for _ in 0..<5 { try loop.turn(waiting: 0) }
        let lines = try client.read()
        #expect(lines.last == Self.done)
        #expect(server.malformedRequests == 0)
    }

    private static func refusal(at path: String) throws -> String {
        let loop = try EventLoop()
        let source = Source()
        do throws(ControlError) {
            _ = try ControlServer(path: path, loop: loop, source: source)
            Issue.record("listens at \(path)")
            return ""
        } catch {
            return error.text
        }
    }

    @Test func whatIsInTheWayIsLeftAloneAndNamed() throws {
        let bench = try Bench()
        let path = bench.folder.socket
        let text = "another daemon serves it, or a file is in the way; set 'control' to another path"
        #expect(try Self.refusal(at: path) == "cannot listen on \(path): \(text)")
        // The one that is there goes on.
        try bench.settle()
        let client = try bench.client()
        let answer = try bench.ask(client, #"{"request":"status"}"#)
        #expect(answer.last == Self.done)

        let folder = try Folder()
        let file = FileDescriptor(open(folder.socket, O_WRONLY | O_CREAT, 0o600))
        try file.writeAll([1, 2, 3])
        #expect(try Self.refusal(at: folder.socket) == "cannot listen on \(folder.socket): \(text)")
        var information = stat()
        #expect(stat(folder.socket, &information) == 0 && information.st_size == 3)
    }

    @Test func otherReasonsTellTheWayOutToo() throws {
        let missing = "/nonexistent/control.sock"
        #expect(
            try Self.refusal(at: missing)
                == "cannot listen on \(missing): "
                + "there is no such folder; create it or set 'control' to another path"
        )
        let long = "/tmp/" + String(repeating: "x", count: 103)
        #expect(try Self.refusal(at: long) == "cannot listen on \(long): the path is longer than 107 bytes")
    }

    @Test func errorsHaveTheIdOfTheirRequest() throws {
        let bench = try Bench()
        let client = try bench.client()
        let lines = try bench.ask(client, #"{"id":7,"request":"dance"}"#)
        #expect(lines.count == 1 && lines[0].hasSuffix(#","id":7}"#))
    }

    @Test func aWholeLineThatIsTooLongIsRefusedToo() throws {
        let bench = try Bench { $0.request = 100 }
        let client = try bench.client()
        let lines = try bench.ask(client, #"{"request":"status"}"# + String(repeating: " ", count: 3000))
        #expect(lines == [#"{"schema":1,"kind":"error","text":"a request has at most 100 bytes"}"#])
    }

    @Test func withoutDescriptorsTheLoopDoesNotSpin() async {
        await #expect(processExitsWith: .success) {
            let bench = try Bench()
            let waiting = try Endpoint.connect(unix: bench.folder.socket)
            let most = rlim_t(waiting.rawValue + 1)
            var limit = rlimit(rlim_cur: most, rlim_max: most)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            var turns = 0
            let end = bench.loop.now.advanced(byMicroseconds: 200_000)
            while bench.loop.now < end {
                try bench.loop.turn(waiting: 50_000)
                turns += 1
            }
            try #require(turns < 100)
        }
    }
}
