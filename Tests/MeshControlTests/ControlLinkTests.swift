import ByteCoding
import LinuxSystem
import MeshWire
import Testing

@testable import MeshControl

/// The client that does not wait.
@Suite struct ControlLinkTests {
    @Test func answersComeWholeAndInOrderWithEventsBetween() throws {
        let bench = try Bench()
        bench.source.objects = [["kind": "thing", "number": 1], ["kind": "thing", "number": 2]]
        let link = try ControlLink(path: bench.folder.socket, loop: bench.loop)
        var heard: [String] = []
        link.event = { heard.append("event \($0.text("number"))") }
        link.monitor(["linkUp"]) { answer in
            if case .success = answer { heard.append("monitoring") }
        }
        for name in ["status", "links"] {
            link.send(["request": .text(name)]) { answer in
                guard case .success(let objects) = answer else { return }
                heard.append(name + " " + objects.map { $0.text("number") }.joined(separator: ","))
            }
        }
        try bench.settle()
        bench.server?.publish(ControlEvent(["kind": "event", "trace": "linkUp", "number": 7]))
        bench.server?.publish(ControlEvent(["kind": "event", "trace": "linkDown", "number": 8]))
        try bench.settle()
        #expect(heard == ["monitoring", "status 1,2", "links 1,2", "event 7"])
    }

    @Test func aRefusalIsTheAnswer() throws {
        let bench = try Bench()
        bench.source.refusal = ControlError("not today")
        let link = try ControlLink(path: bench.folder.socket, loop: bench.loop)
        var refusals: [ControlError] = []
        for request: JSONObject in [["request": "status"], ["request": "dance"]] {
            link.send(request) { answer in
                if case .failure(let error) = answer { refusals.append(error) }
            }
        }
        try bench.settle()
        #expect(refusals.count == 2)
        #expect(refusals.first == ControlError("not today"))
        #expect(refusals.last?.text.contains("unknown value 'dance'") == true)
    }

    @Test func aDaemonThatGoesIsToldOnce() throws {
        let folder = try Folder()
        let loop = try EventLoop()
        var listener: SharedDescriptor? = SharedDescriptor(try Endpoint.listen(unix: folder.socket, mode: 0o600))
        let link = try ControlLink(path: folder.socket, loop: loop)
        var losses: [ControlError] = []
        link.lost = { losses.append($0) }
        link.send(["request": "status"]) { _ in Issue.record("nobody has answered") }
        listener = nil
        _ = listener
        for _ in 0..<5 { try loop.turn(waiting: 10_000) }
        #expect(losses.count == 1)
        #expect(losses.first?.isUnreachable == true)
        // Nobody hears what is asked from now on, and nothing breaks.
        link.send(["request": "status"]) { _ in Issue.record("nobody has answered") }
        #expect(throws: ControlError.self) { _ = try ControlLink(path: folder.socket, loop: loop) }
    }

    @Test func ordersWantTheRightToChange() throws {
        for order: NodeOrder in [
            .sendRaw(MessageBytes([5, 1, 0, 2, 0])), .setTime(seconds: 1, offsetMinutes: 0),
            .reset(afterDeciseconds: 0),
            .discovery(running: true), .disconnect(nil),
        ] {
            #expect(ControlRequest.Verb.order(order).neededRights == .change)
        }
    }
}
