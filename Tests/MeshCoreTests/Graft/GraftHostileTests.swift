import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// Whatever a partner says, in whatever relation: it is used, traced or ends the link, and the tree of the node stays one (graft §5.2, §7).
@Suite struct GraftHostileTests {
    /// In what relation the message comes.
    enum Situation: CaseIterable, Sendable {
        case fresh
        case engaged
        case conceded
        case parent
        case child
        case returned
    }

    /// What is said.
    enum Saying: CaseIterable, Sendable {
        case hello
        case concede
        case update
        case updateWithKey
        case role
        case request
        case knock
        case reconnect
    }

    /// What becomes of a message of the partner itself, with a key that it may say.
    enum Outcome {
        case used
        case ignored
        case ends
    }

    /// A node in a situation with partner 7; two more links are there to be kept: parent 9, unless 7 is above, and child 4.
    private static func make(_ situation: Situation) throws -> (harness: NodeHarness, link: LinkID) {
        var harness = NodeHarness(grafting: 2)
        let link: LinkID
        switch situation {
        case .fresh:
            _ = try harness.graft(under: 9, key: NodeHarness.greater(9))
            _ = try harness.fetchChild(4)
            link = harness.linkUp(from: 7)
            harness.give(.radio(.mtu(link: link, value: 63)))
        case .engaged:
            _ = try harness.graft(under: 9, key: NodeHarness.greater(9))
            _ = try harness.fetchChild(4)
            link = try harness.meet(7, key: NodeHarness.smaller(7))
        case .conceded:
            _ = try harness.takeChild(4)
            link = try harness.meet(7, key: NodeHarness.greater(7))
        case .parent:
            link = try harness.graft(under: 7, key: NodeHarness.greater(7))
            _ = try harness.fetchChild(4)
        case .child:
            _ = try harness.graft(under: 9, key: NodeHarness.greater(9))
            _ = try harness.fetchChild(4)
            link = try harness.takeChild(7)
        case .returned:
            let old = try harness.graft(under: 7, key: NodeHarness.greater(7))
            _ = try harness.fetchChild(4)
            harness.wait(1500)
            harness.lose(old)
            link = harness.linkUp(from: 7)
            harness.give(.radio(.mtu(link: link, value: 63)))
        }
        harness.forget()
        return (harness, link)
    }

    private static func outcome(_ saying: Saying, _ situation: Situation) -> Outcome {
        switch (saying, situation) {
        case (.hello, .fresh), (.hello, .engaged), (.hello, .returned): .used
        case (.hello, _): .ignored
        case (.concede, .engaged): .used
        case (.concede, .fresh), (.concede, .returned): .ignored
        case (.concede, _): .ends
        case (.update, .parent), (.update, .child), (.updateWithKey, .parent), (.updateWithKey, .child): .used
        case (.updateWithKey, .conceded): .used
        case (.update, .conceded): .ends
        case (.update, _), (.updateWithKey, _): .ignored
        case (.role, .parent): .used
        case (.role, .returned): .ignored
        case (.role, _): .ends
        case (.request, .child): .used
        case (.request, _): .ignored
        case (.knock, _): .ignored
        case (.reconnect, .fresh), (.reconnect, .engaged), (.reconnect, .conceded): .ends
        case (.reconnect, .returned): .used
        case (.reconnect, _): .ignored
        }
    }

    private static func message(_ saying: Saying, from sender: UInt16, key: ClusterKey) throws -> MessageBytes {
        let (sender, receiver) = (NodeID(sender), NodeID(2))
        let branch = GraftBranch(behind: 3, height: 1, alternatives: 0, hopsToSink: -1)
        switch saying {
        case .hello:
            return try GraftHello(
                sender: sender,
                isRoot: true,
                isFull: false,
                isMove: false,
                key: key,
                size: 3,
                writeHandle: 11,
                network: NetworkID(11),
                eccentricity: 1,
                alternatives: 0,
                hopsToSink: -1,
                nonce: 0x2222
            ).encoded()
        case .concede: return try GraftConcede(sender: sender, receiver: receiver, key: key, branch: branch).encoded()
        case .update, .updateWithKey:
            return try GraftUpdate(
                sender: sender,
                receiver: receiver,
                key: key,
                isKeyValid: saying == .updateWithKey,
                branch: branch
            ).encoded()
        case .role: return try GraftRole(sender: sender, receiver: receiver, key: key).encoded()
        case .request: return try GraftRequest(sender: sender, receiver: receiver).encoded()
        case .knock: return try GraftKnock(sender: sender, receiver: receiver).encoded()
        case .reconnect: return try GraftReconnect(sender: sender, receiver: receiver, nonce: 0x1007).encoded()
        }
    }

    /// A key that makes the message a sound one as far as a key can.
    private static func soundKey(_ saying: Saying, _ harness: NodeHarness) -> ClusterKey {
        switch saying {
        case .hello: NodeHarness.smaller(7)
        case .concede: harness.key
        default: NodeHarness.greater(7, rank: 60)
        }
    }

    // MARK: - Every message in every relation

    @Test(arguments: Situation.allCases, Saying.allCases)
    func messageOfThePartner(situation: Situation, saying: Saying) throws {
        var (harness, link) = try Self.make(situation)
        let before = harness.key
        harness.receive(try Self.message(saying, from: 7, key: Self.soundKey(saying, harness)), on: link)
        harness.checkInvariants()
        switch Self.outcome(saying, situation) {
        case .used:
            #expect(harness.closed == [])
            #expect(harness.unexpected == [])
        case .ignored:
            #expect(harness.closed == [])
            #expect(harness.unexpected.count == 1)
            #expect(harness.key == before)
            #expect(harness.sent.isEmpty)
        case .ends:
            #expect(harness.closed == [link])
            #expect(harness.unexpected.count == 1)
        }
        #expect(harness.key >= before)
        #expect(try harness.view(of: 4).isMeshEdge, "the child is kept")
    }

    @Test(arguments: Situation.allCases, Saying.allCases)
    func messageOfAnother(situation: Situation, saying: Saying) throws {
        let (whole, link) = try Self.make(situation)
        for sender in [UInt16(0), 2, 4, 9, 77, 30_001, .max] {
            var harness = whole
            let before = harness.key
            harness.receive(try Self.message(saying, from: sender, key: Self.soundKey(saying, harness)), on: link)
            harness.checkInvariants("sender \(sender)")
            if situation != .fresh, situation != .returned {
                #expect(harness.unexpected.count + harness.removals.count > 0, "sender \(sender)")
                let size = harness.node.clusterSize
                harness.wait(100)
                #expect(harness.node.clusterSize == size)
            }
            #expect(harness.key >= before || harness.key.rank == 1, "sender \(sender)")
        }
    }

    @Test(arguments: Situation.allCases, Saying.allCases)
    func messageWithAnyKey(situation: Situation, saying: Saying) throws {
        let ranks: [UInt32] = [0, 1, 2, 49, 50, 51, 1 << 31, .max - 17, .max - 16, .max - 15, .max]
        let (whole, link) = try Self.make(situation)
        for rank in ranks {
            for cluster: UInt32 in [0, 0x0300_0002, 0x0400_0007, 0x0400_0009, .max] {
                var harness = whole
                let before = harness.key
                let key = ClusterKey(rank: rank, cluster: ClusterID(rawValue: cluster))
                harness.receive(try Self.message(saying, from: 7, key: key), on: link)
                harness.checkInvariants("key \(key)")
                #expect(harness.key >= before, "key \(key)")
                #expect(harness.key.rank <= UInt32.max - 13, "key \(key)")
                harness.wait(300)
                harness.checkInvariants("key \(key), later")
            }
        }
    }

    // MARK: - Broken bytes

    @Test(arguments: Situation.allCases)
    func everyTruncationIsDropped(situation: Situation) throws {
        let (whole, link) = try Self.make(situation)
        for saying in Saying.allCases {
            let message = try Self.message(saying, from: 7, key: Self.soundKey(saying, whole))
            for count in 1..<message.count {
                var harness = whole
                harness.receive(MessageBytes((0..<count).map { message[$0] }), on: link)
                harness.checkInvariants("\(saying) of \(count) bytes")
                let isDropped = harness.traces.contains {
                    switch $0.event {
                    case .malformed, .unexpected: true
                    default: false
                    }
                }
                // What has not even a header is no message.
                #expect(isDropped == (count >= MessageHeader.encodedSize), "\(saying) of \(count) bytes")
                #expect(harness.closed == [], "\(saying) of \(count) bytes")
                #expect(harness.key == whole.key)
                #expect(harness.node.clusterSize == whole.node.clusterSize)
            }
        }
    }

    @Test(arguments: Situation.allCases)
    func everyBitFlipIsHarmless(situation: Situation) throws {
        let (whole, link) = try Self.make(situation)
        for saying in Saying.allCases {
            let message = try Self.message(saying, from: 7, key: Self.soundKey(saying, whole))
            for bit in 0..<message.count * 8 {
                var harness = whole
                var bytes = message
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                harness.receive(bytes, on: link)
                harness.checkInvariants("\(saying), bit \(bit)")
                #expect(harness.key >= whole.key || harness.key.rank == 1, "\(saying), bit \(bit)")
            }
        }
    }

    @Test func longerMessagesAreReadAsFarAsTheyAreKnown() throws {
        var (harness, link) = try Self.make(.child)
        let update = try Self.message(.update, from: 7, key: NodeHarness.smaller(7))
        harness.receive(MessageBytes((0..<update.count).map { update[$0] } + [1, 2, 3, 4]), on: link)
        harness.checkInvariants()
    }

    // MARK: - Floods

    @Test func linkThatCannotBeToldAnyMoreIsGivenUp() throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        let stuck = try harness.meet(7, key: NodeHarness.smaller(7))
        harness.forget()
        harness.confirmsWrites = false
        for rank in UInt32(51)...1000 where harness.closed.isEmpty {
            try harness.tell(from: 9, key: NodeHarness.greater(9, rank: rank), behind: 10, on: up)
        }
        #expect(harness.closed == [stuck])
        #expect(harness.removals == [.graftViolation])
        #expect(harness.relation(on: up) == .parent)
        harness.checkInvariants()
    }

    @Test func manyRequestsAreOne() throws {
        var (harness, link) = try Self.make(.child)
        for _ in 0..<1000 {
            try harness.request(from: 7, on: link)
        }
        let up = try #require(harness.node.linkViews.first { $0.relation == .parent }).link
        #expect(harness.said(on: up) == [.graftRequest])
        #expect(harness.node.graft.queue.count == 1)
    }

    @Test func roleThereAndBackForEverKeepsTheTree() throws {
        var (harness, link) = try Self.make(.child)
        for _ in 0..<200 {
            try harness.request(from: 7, on: link)
            let up = try #require(harness.node.linkViews.first { $0.relation == .parent })
            try harness.giveRole(from: up.partner.rawValue, key: harness.key, on: up.link)
            harness.checkInvariants()
        }
        #expect(harness.node.clusterSize == 13)
        #expect(harness.removals == [])
    }
}
