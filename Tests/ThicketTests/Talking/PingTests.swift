import ByteCoding
import MeshWire
import TestSupport
import Testing

@testable import thicket

/// What is counted of pings, and how fast a node is fed.
@Suite struct PingTests {
    private static let begin = ContinuousClock.now

    private static func answer(_ node: Int, _ handle: UInt8) throws -> MessageBytes {
        let node = NodeID(UInt16(node))
        let content = ModuleContent.node(.pingResponse)
        return try ModuleMessage(sender: node, receiver: NodeID(1), requestHandle: handle, content: content).encoded()
    }

    @Test func anAnswerIsThatOfItsNodeAndItsPing() throws {
        var run = PingRun(to: NodeID(7), answersMax: 1)
        run.sent(handle: 5, at: 1000, deadline: Self.begin + .seconds(3))
        run.sent(handle: 6, at: 2000, deadline: Self.begin + .seconds(4))
        let ofAnother = run.take(try Self.answer(8, 5), at: 3000)
        let toAnother = run.take(try Self.answer(7, 9), at: 3000)
        let other: MessageBytes = try ModuleMessage(
            sender: NodeID(7),
            receiver: NodeID(1),
            requestHandle: 5,
            content: .node(.generateLoadResult)
        ).encoded()
        let toOtherRequest = run.take(other, at: 3000)
        #expect(ofAnother == nil && toAnother == nil && toOtherRequest == nil)
        let answer = run.take(try Self.answer(7, 6), at: 3500)
        #expect(answer == PingRun.Answer(sequence: 2, node: NodeID(7), roundTrip: 1500))
        let again = run.take(try Self.answer(7, 6), at: 3600)
        #expect(again == nil)
        let early = run.expire(at: Self.begin + .seconds(2))
        #expect(early.isEmpty)
        let lost = run.expire(at: Self.begin + .seconds(4))
        #expect(lost == [1])
        let late = run.take(try Self.answer(7, 5), at: 9000)
        #expect(late == nil && run.nextDeadline == nil)
        #expect(run.result.sent == 2 && run.result.received == 1 && run.result.lost == 1)
        #expect(run.result.lossPercent == 50 && run.result.duplicates == 1)
        #expect(run.result.percentile(50) == 1500)
    }

    @Test func everyNodeIsCountedByItself() throws {
        var run = PingRun(to: .broadcast, answersMax: nil)
        for handle: UInt8 in 1...2 { run.sent(handle: handle, at: 0, deadline: Self.begin + .seconds(3)) }
        for (node, handle) in [(9, 1), (4, 1), (4, 2)] as [(Int, UInt8)] {
            _ = run.take(try Self.answer(node, handle), at: UInt64(node))
        }
        #expect(run.nextDeadline != nil)
        #expect(run.results.map(\.node) == [NodeID(4), NodeID(9)])
        #expect(run.results.map(\.trips.lost) == [0, 1])
    }

    @Test func openPingsAreBounded() {
        var run = PingRun(to: NodeID(7), answersMax: 1)
        for number in 0..<1000 {
            run.sent(handle: UInt8(number % 255 + 1), at: 0, deadline: Self.begin + .seconds(3))
        }
        let lost = run.expire(at: Self.begin + .seconds(3))
        #expect(lost.count == PingRun.requestsMax)
        #expect(run.result.lost == 1000)
    }

    @Test func timesAreSummedUp() {
        var trips = RoundTrips()
        #expect(trips.percentile(50) == nil && trips.lossPercent == 0)
        trips.sent = 4
        for time: UInt64 in [40, 10, 30, 20] { trips.add(time) }
        #expect(trips.least == 10 && trips.greatest == 40 && trips.percentile(50) == 25)
        for time: UInt64 in 0..<30_000 { trips.add(time) }
        // Of very many, the latest are known.
        #expect(trips.percentile(0).map { $0 >= 19_990 } == true)
        #expect(trips.least == 0 && trips.received == 30_004)
    }

    @Test func handlesDoNotComeBackSoon() {
        var random = SplitMix.announced("handlesDoNotComeBackSoon")
        var handles = RequestHandles()
        var drawn: [UInt8] = []
        for _ in 0..<2000 { drawn.append(handles.next(using: &random)) }
        #expect(!drawn.contains(0))
        for index in 1..<drawn.count { #expect(!drawn[max(0, index - 128)..<index].contains(drawn[index])) }
        #expect(Set(drawn).count == 255)
    }

    // MARK: - Throughput

    @Test func aWindowGrowsWithAnswersAndShrinksWithLosses() throws {
        var run = ThroughputRun(to: NodeID(7))
        var handle: UInt8 = 0
        var now: UInt64 = 0
        var widest = 0
        for _ in 0..<30 {
            var open: [UInt8] = []
            while run.hasRoom {
                handle = handle % 255 + 1
                open.append(handle)
                run.sent(handle: handle, at: now, deadline: Self.begin + .seconds(5))
            }
            widest = max(widest, open.count)
            now += 100_000
            for handle in open { run.take(try Self.answer(7, handle), at: now) }
        }
        #expect(widest == ThroughputRun.windowMax && run.window == ThroughputRun.windowMax)
        #expect(run.isQuiet && run.lost == 0)
        #expect(run.duration == 3_000_000)
        #expect(run.bitsPerSecond == run.messagesPerSecond * 1600)
        run.sent(handle: 1, at: now, deadline: Self.begin + .seconds(5))
        run.take(try Self.answer(8, 1), at: now)
        #expect(!run.isQuiet)
        run.expire(at: Self.begin + .seconds(5))
        #expect(run.isQuiet && run.lost == 1 && run.window == ThroughputRun.windowMax / 2)
    }

    @Test func theLoadIsAPingOfFullLength() throws {
        let message = try ThroughputRun(to: NodeID(7)).message(handle: 9)
        #expect(message.count == 200)
        let ping = try ModuleMessage(bytes: message)
        #expect(ping.content == .node(.ping) && ping.requestHandle == 9 && ping.receiver == NodeID(7))
    }

    // MARK: - Receivers

    @Test(
        arguments: [("7", 7), ("1999", 1999), ("sink", 31000), ("all", 0), ("21001", 21001), ("20001", 20001)]
            as [(String, UInt16)]
    )
    func receiversAreNumbersOrWords(text: String, id: UInt16) {
        #expect(MeshTarget(text)?.id == NodeID(id))
    }

    @Test(arguments: ["", "0", "2000", "21000", "30001", "31000", "65536", "-1", "attic", "Sink"])
    func otherReceiversAreNone(text: String) { #expect(MeshTarget(text) == nil) }
}
