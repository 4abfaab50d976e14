import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// Where messages of the node itself go (protocol §9.3-§9.6).
@Suite struct OwnMessageTests {
    /// Node 2 between node 1, which took it in, and node 3.
    private func middle(
        deviceType: DeviceType = .static
    ) throws -> (harness: NodeHarness, up: LinkID, down: LinkID) {
        var harness = NodeHarness(2, deviceType: deviceType)
        let up = try harness.join(1)
        let down = try harness.takeIn(3)
        harness.forget()
        return (harness, up, down)
    }

    /// A message of type 80 of node 2.
    private func data(to receiver: UInt16) -> String {
        "500200" + Hex.encode([UInt8(truncatingIfNeeded: receiver), UInt8(receiver >> 8)]) + "aa"
    }

    @Test(arguments: [
        (UInt16(0), true), (5, false), (20001, true), (20015, false), (25000, false), (30001, true), (30007, true),
        (30999, true), (32000, false), (33005, false),
    ])
    func messageIsFloodedAsItIs(receiver: UInt16, accepted: Bool) throws {
        var (harness, up, down) = try middle()
        try harness.send(data(to: receiver))
        #expect(harness.take(on: up) == [data(to: receiver)])
        #expect(harness.take(on: down) == [data(to: receiver)])
        #expect(harness.delivered == (accepted ? [data(to: receiver)] : []))
    }

    @Test func partnerGetsItsMessagesDirectly() throws {
        var (harness, up, down) = try middle()
        try harness.send(data(to: 3))
        try harness.send(data(to: 1))
        #expect(harness.take(on: down) == [data(to: 3)])
        #expect(harness.take(on: up) == [data(to: 1)])
        #expect(harness.delivered == [])
    }

    @Test func messageToItselfStays() throws {
        var (harness, _, _) = try middle()
        try harness.send(data(to: 2))
        try harness.send(data(to: 30000))
        #expect(harness.take() == [])
        #expect(harness.delivered == [data(to: 2), data(to: 2)], "loopback becomes the own id")
    }

    @Test(arguments: [UInt16(32001), 32999])
    func messageToAnAppStaysOutOfTheMesh(receiver: UInt16) throws {
        var (harness, _, _) = try middle()
        try harness.send(data(to: receiver))
        #expect(harness.take() == [])
        #expect(harness.delivered == [])
    }

    @Test func messageToTheSinkTakesTheShortestWay() throws {
        var (harness, up, down) = try middle()
        try harness.update(from: 3, hopsToSink: 2, counter: 1, on: down)
        try harness.update(from: 1, hopsToSink: 3, counter: 1, on: up)
        harness.forget()
        try harness.send(data(to: 31000))
        #expect(harness.take(on: down) == [data(to: 31000)])
        #expect(harness.take(on: up) == [])
    }

    @Test func messageToAnUnknownSinkIsFlooded() throws {
        var (harness, up, down) = try middle()
        try harness.send(data(to: 31000))
        #expect(harness.take(on: down) == [data(to: 31000)])
        #expect(harness.take(on: up) == [data(to: 31000)])
        #expect(harness.delivered == [])
    }

    @Test func sinkHearsItsOwnMessageToTheSink() throws {
        var (harness, _, _) = try middle(deviceType: .sink)
        try harness.send(data(to: 31000))
        #expect(harness.delivered == [data(to: 31000)])
    }

    @Test func anycastGoesToOneNeighbourAsABroadcast() throws {
        var (harness, up, down) = try middle()
        try harness.send(data(to: 31001))
        #expect(harness.take(on: up) == [data(to: 0)])
        #expect(harness.take(on: down) == [])
        #expect(harness.delivered == [])
    }

    @Test func anycastWithoutALinkGoesNowhere() throws {
        var harness = NodeHarness(2)
        try harness.send(data(to: 31001))
        #expect(harness.take() == [])
        #expect(harness.delivered == [])
    }

    @Test func senderIsAlwaysTheNodeUnlessSentRaw() throws {
        var (harness, up, _) = try middle()
        try harness.send("5063000000aa")
        #expect(harness.take(on: up) == [data(to: 0)])
        harness.give(.request(.sendRaw(MessageBytes(try #require(Hex.decode("5063000000aa"))))))
        #expect(harness.take(on: up) == ["5063000000aa"])
    }

    @Test func messageWithoutAHeaderIsIgnored() throws {
        var (harness, _, _) = try middle()
        try harness.send("50020000")
        #expect(harness.sent == [])
    }

    @Test func lostLinkKeepsItsMessagesAndOthersGetTheirs() throws {
        var (harness, up, down) = try middle()
        harness.wait(11_000)
        harness.lose(up)
        harness.forget()
        try harness.send(data(to: 0))
        #expect(harness.take(on: down) == [data(to: 0)])
        #expect(harness.take() == [])
        let back = harness.linkUp(from: 1)
        try harness.receive(Reconnect(sender: NodeID(1), receiver: NodeID(2)), on: back)
        #expect(harness.sent(beginning: "50", on: back) == [data(to: 0)])
    }
}
