import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// Passing received messages on, receiver by receiver (protocol §9.2, §9.3, §9.4, §9.7).
@Suite struct ForwardingTests {
    /// Node 2 between node 1, which took it in, and nodes 3 and 4.
    private struct Middle {
        var harness: NodeHarness
        let up: LinkID
        let first: LinkID
        let second: LinkID

        init(deviceType: DeviceType = .static, configure: (inout Configuration) -> Void = { _ in }) throws {
            harness = NodeHarness(2, deviceType: deviceType, configure: configure)
            up = try harness.join(1)
            first = try harness.takeIn(3)
            second = try harness.takeIn(4)
            harness.forget()
        }

        /// Messages of type 80 written to nodes 3 and 4, which must be the same, once each, and none back.
        mutating func flooded() -> [String] {
            #expect(harness.sent(beginning: "50", on: up) == [])
            let toFirst = harness.sent(beginning: "50", on: first)
            #expect(harness.sent(beginning: "50", on: second) == toFirst)
            return toFirst
        }
    }

    private func hex(_ receiver: UInt16) -> String {
        Hex.encode([UInt8(truncatingIfNeeded: receiver), UInt8(receiver >> 8)])
    }

    /// A message of type 80 from node 9 that came over node 1.
    private func data(to receiver: UInt16) -> String { "500900" + hex(receiver) + "aa" }

    // MARK: - Receivers

    @Test func ownMessageGoesNoFurther() throws {
        var middle = try Middle()
        try middle.harness.receive(data(to: 2), on: middle.up)
        #expect(middle.flooded() == [])
        #expect(middle.harness.delivered == [data(to: 2)])
    }

    @Test func oneHopMessageGoesNoFurther() throws {
        var middle = try Middle()
        try middle.harness.receive(data(to: 30001), on: middle.up)
        #expect(middle.flooded() == [])
        #expect(middle.harness.delivered == [data(to: 30001)])
    }

    @Test(arguments: [UInt16(30002), 30500, 30999])
    func hopsAreCountedDown(receiver: UInt16) throws {
        var middle = try Middle()
        try middle.harness.receive(data(to: receiver), on: middle.up)
        #expect(middle.flooded() == [data(to: receiver - 1)])
        #expect(middle.harness.delivered == [data(to: receiver)], "the value received tells the distance")
    }

    @Test(arguments: [
        (UInt16(0), true), (5, false), (3, false), (1999, false), (2001, false), (20001, true), (20031, true),
        (20015, false), (21000, false), (21005, true), (21006, false), (25000, false), (31001, false), (32000, false),
        (32005, false), (33005, false), (60000, false),
    ])
    func everythingElseIsFloodedUnchanged(receiver: UInt16, accepted: Bool) throws {
        var middle = try Middle()
        try middle.harness.command(.addGroup(NodeID(21005)), from: 1, on: middle.up)
        middle.harness.forget()
        try middle.harness.receive(data(to: receiver), on: middle.up)
        #expect(middle.flooded() == [data(to: receiver)])
        #expect(middle.harness.delivered == (accepted ? [data(to: receiver)] : []))
    }

    // MARK: - Sink

    @Test func messageForTheSinkEndsThere() throws {
        var middle = try Middle(deviceType: .sink)
        try middle.harness.receive(data(to: 31000), on: middle.up)
        #expect(middle.flooded() == [])
        #expect(middle.harness.delivered == [data(to: 31000)])
    }

    @Test func messageForTheSinkTakesTheShortestWay() throws {
        var middle = try Middle()
        try middle.harness.update(from: 3, hopsToSink: 4, counter: 1, on: middle.first)
        try middle.harness.update(from: 4, hopsToSink: 2, counter: 1, on: middle.second)
        middle.harness.forget()
        try middle.harness.receive(data(to: 31000), on: middle.up)
        #expect(middle.harness.sent(beginning: "50", on: middle.first) == [])
        #expect(middle.harness.sent(beginning: "50", on: middle.second) == [data(to: 31000)])
        #expect(middle.harness.delivered == [])
    }

    @Test func messageForTheSinkDoesNotGoBack() throws {
        var middle = try Middle()
        try middle.harness.update(from: 3, hopsToSink: 4, counter: 1, on: middle.first)
        try middle.harness.update(from: 1, hopsToSink: 0, counter: 1, on: middle.up)
        middle.harness.forget()
        try middle.harness.receive(data(to: 31000), on: middle.up)
        #expect(middle.harness.sent(beginning: "50", on: middle.up) == [])
        #expect(middle.harness.sent(beginning: "50", on: middle.first) == [data(to: 31000)])
    }

    @Test func messageForAnUnknownSinkIsFlooded() throws {
        var middle = try Middle()
        try middle.harness.update(from: 1, hopsToSink: 0, counter: 1, on: middle.up)
        middle.harness.forget()
        try middle.harness.receive(data(to: 31000), on: middle.up)
        #expect(middle.flooded() == [data(to: 31000)])
    }

    @Test func withoutSinkRoutingMessagesForTheSinkAreFlooded() throws {
        var middle = try Middle { $0.sinkRouting = false }
        try middle.harness.update(from: 3, hopsToSink: 0, counter: 1, on: middle.first)
        middle.harness.forget()
        try middle.harness.receive(data(to: 31000), on: middle.up)
        #expect(middle.flooded() == [data(to: 31000)])
    }

    // MARK: - Types

    @Test func updatesAndTimestampsAreNeverPassedOn() throws {
        var middle = try Middle()
        try middle.harness.update(from: 1, counter: 1, on: middle.up)
        let timestamp = "1e01000000" + "0000000000000000"
        try middle.harness.receive(timestamp, on: middle.up)
        for link in [middle.first, middle.second] {
            #expect(middle.harness.sent(beginning: "17", on: link) == [])
            #expect(middle.harness.sent(beginning: "1e", on: link) == [])
        }
    }

    @Test func wayToTheSinkIsOpenToEveryType() throws {
        var middle = try Middle()
        try middle.harness.update(from: 3, hopsToSink: 0, counter: 1, on: middle.first)
        middle.harness.forget()
        let timestamp = "1e0100" + hex(31000) + "0000000000000000"
        try middle.harness.receive(timestamp, on: middle.up)
        #expect(middle.harness.sent(beginning: "1e", on: middle.first) == [timestamp])
        #expect(middle.harness.sent(beginning: "1e", on: middle.second) == [])
    }

    @Test func unknownTypeIsPassedOnAndNotDelivered() throws {
        var middle = try Middle()
        let message = "6409000000aabb"
        try middle.harness.receive(message, on: middle.up)
        #expect(middle.harness.sent(beginning: "64", on: middle.first) == [message])
        #expect(middle.harness.sent(beginning: "64", on: middle.second) == [message])
        #expect(middle.harness.delivered == [])
    }

    @Test(arguments: 40...46 as ClosedRange<UInt8>)
    func typesOfGraftingAreUnknownAndGoNoFurther(type: UInt8) throws {
        let prefix = Hex.encode([type])
        let dropped = TraceEvent.unknownType(MessageType(rawValue: type), sender: NodeID(1))
        for receiver in [UInt16(2), 30001] {
            for length in [0, 1, 24] {
                var middle = try Middle()
                let message = prefix + "0100" + hex(receiver) + String(repeating: "01", count: length)
                try middle.harness.receive(message, on: middle.up)
                #expect(middle.harness.delivered == [])
                #expect(middle.harness.traces.map(\.event) == [dropped])
                for link in [middle.up, middle.first, middle.second] {
                    #expect(middle.harness.sent(beginning: prefix, on: link) == [])
                }
            }
        }
    }

    @Test func messageTooShortForItsTypeIsPassedOnAndNotDelivered() throws {
        var middle = try Middle()
        let message = "33090000000001"
        try middle.harness.receive(message, on: middle.up)
        #expect(middle.harness.sent(beginning: "33", on: middle.first) == [message])
        #expect(middle.harness.delivered == [])
        #expect(middle.harness.traces.contains { $0.event == .malformed(link: middle.up, type: .moduleTriggerAction) })
    }

    @Test func longMessageIsPassedOnWhole() throws {
        var middle = try Middle()
        let message = data(to: 0) + String(repeating: "c5", count: 194)
        try middle.harness.receive(message, on: middle.up)
        #expect(middle.flooded() == [message])
        #expect(middle.harness.delivered == [message])
    }

    @Test func linkThatIsNotReadyGetsNothing() throws {
        var middle = try Middle()
        let link = middle.harness.linkUp(try middle.harness.connect(to: 5))
        middle.harness.prepare(link)
        middle.harness.forget()
        try middle.harness.receive(data(to: 0), on: middle.up)
        #expect(middle.flooded() == [data(to: 0)])
        #expect(middle.harness.sent(beginning: "50", on: link) == [])
    }
}
