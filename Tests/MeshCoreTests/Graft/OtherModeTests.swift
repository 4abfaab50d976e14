import ByteCoding
import MeshCore
import MeshWire
import RadioPort
import Testing

/// Nodes of one network that run the two modes never link, and say that the other is there (graft §3).
@Suite struct OtherModeTests {
    private func reported(_ harness: NodeHarness) -> [NodeID] {
        harness.traces.compactMap { if case .otherMode(let node, _) = $0.event { node } else { nil } }
    }

    // MARK: - A node that grafts

    @Test func classicNodeIsNoCandidateButReported() throws {
        var harness = NodeHarness(grafting: 2)
        for _ in 0..<20 {
            try harness.hear(3, size: 20)
            harness.wait(200)
        }
        #expect(harness.connects.isEmpty)
        #expect(try !harness.graftMe().calls)
        #expect(reported(harness) == [NodeID(3)])
        #expect(harness.traces.contains { $0.event == .otherMode(node: NodeID(3), own: .graft) })
        #expect(harness.node.otherModeNeighbours.map(\.node) == [NodeID(3)])
    }

    @Test func classicNodeIsReportedOncePerMinute() throws {
        var harness = NodeHarness(grafting: 2)
        for _ in 0..<130 {
            try harness.hear(3)
            harness.wait(1000)
        }
        #expect(reported(harness).count == 3)
        let heard = try #require(harness.node.otherModeNeighbours.first).heardAt
        #expect(heard == Instant(microseconds: 1_000_000 + 129_000_000))
    }

    @Test func fewOfThemAreRemembered() throws {
        var harness = NodeHarness(grafting: 2)
        for id in UInt16(10)..<30 {
            try harness.hear(id)
            harness.wait(200)
        }
        #expect(harness.node.otherModeNeighbours.map(\.node) == [26, 27, 28, 29].map { NodeID($0) })
    }

    @Test(arguments: [UInt16(0), 2])
    func nobodyAndOneselfAreNotReported(sender: UInt16) throws {
        var harness = NodeHarness(grafting: 2)
        try harness.hear(sender)
        #expect(reported(harness) == [])
    }

    /// What classic clustering says on a link, of node 3.
    private static let classicMessages: [(hex: String, type: UInt8)] = [
        ("1403003175" + "03000815" + "0100" + "0b00" + "ffff" + "0b00", 20), ("1503000200ffff", 21),
        ("16030002000300081502" + "00ffff", 22), ("17030000000000000000000001", 23), ("1803000200", 24),
    ]

    @Test(arguments: classicMessages.map(\.hex))
    func classicHandshakeEndsAFreshLink(hex: String) throws {
        var harness = NodeHarness(grafting: 2)
        let link = harness.linkUp(from: 3)
        try harness.receive(hex, on: link)
        #expect(harness.closed == [link])
        #expect(harness.removals == [.clusteringMismatch])
        #expect(reported(harness) == [NodeID(3)])
        #expect(harness.sent.isEmpty)
    }

    @Test(arguments: classicMessages.map(\.hex))
    func classicMessageEndsALinkOfTheTree(hex: String) throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        let down = try harness.takeChild(3)
        harness.forget()
        try harness.receive(hex, on: down)
        #expect(harness.closed == [down])
        #expect(harness.removals == [.clusteringMismatch])
        #expect(harness.relation(on: up) == .parent)
        #expect(harness.said(on: up) == [.graftUpdate], "the loss, and nothing else")
        #expect(harness.take(on: up).filter { !$0.hasPrefix("2a") } == [])
        harness.checkInvariants()
    }

    @Test(arguments: classicMessages)
    func classicMessageToAllEndsOneLinkOnly(message: (hex: String, type: UInt8)) throws {
        var harness = NodeHarness(grafting: 2)
        let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
        let down = try harness.takeChild(3)
        harness.forget()
        var bytes = try #require(Hex.decode(message.hex))
        (bytes[3], bytes[4]) = (0, 0)
        harness.receive(MessageBytes(bytes), on: down)
        #expect(harness.closed == [down])
        let prefix = String(message.type, radix: 16)
        #expect(harness.sent(beginning: prefix, on: up) == [], "else it would end every link of the mesh")
    }

    @Test func graftMessagesAreNeverPassedOn() throws {
        for receiver in [UInt16(0), 30_005, 77] {
            var harness = NodeHarness(grafting: 2)
            let up = try harness.graft(under: 9, key: NodeHarness.greater(9))
            let down = try harness.takeChild(3)
            harness.forget()
            let low = UInt8(truncatingIfNeeded: receiver)
            let high = UInt8(receiver >> 8)
            for type in UInt8(40)...46 {
                let tail = [UInt8](repeating: 0xEE, count: 24)
                harness.receive(MessageBytes([type, 3, 0, low, high] + tail), on: down)
            }
            #expect(harness.said(on: up).filter { $0 != .graftUpdate } == [], "receiver \(receiver)")
            let update = harness.sent(beginning: "2a", on: up).filter { $0.hasPrefix("2a0300") }
            #expect(update == [])
        }
    }

    // MARK: - A classic node

    @Test func classicNodeIgnoresGraftMe() throws {
        var harness = NodeHarness(2) { $0.accessBroadcast = false }
        for _ in 0..<30 {
            try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3))
            harness.wait(200)
        }
        #expect(harness.connects.isEmpty)
        #expect(Set(harness.decisions) == [.noNodesFound])
        #expect(reported(harness) == [NodeID(3)])
        #expect(harness.traces.contains { $0.event == .otherMode(node: NodeID(3), own: .classic) })
    }

    @Test func graftNodeIsNotCountedAsANeighbourOfAClassicOne() throws {
        var harness = NodeHarness(2)
        let link = try harness.join(1)
        try harness.hear(graftMeOf: 3, key: NodeHarness.greater(3))
        #expect(harness.node.meshEdgeCount == 1)
        #expect(harness.relation(on: link) == nil, "a classic link has none")
    }

    @Test func classicNodeDropsGraftMessagesOnAFreshLink() throws {
        var harness = NodeHarness(2)
        let link = harness.linkUp(from: 3)
        try harness.hello(from: 3, key: NodeHarness.greater(3), nonce: 7, on: link)
        #expect(harness.writes.isEmpty)
        #expect(harness.closed == [])
        harness.wait(4800)
        #expect(harness.closed == [])
        harness.wait(400)
        #expect(harness.closed == [link], "by the time-out of its own handshake")
    }

    @Test func classicNodeDropsGraftMessagesOnALinkOfItsMesh() throws {
        var harness = NodeHarness(2) { $0.liveReportLevel = 0 }
        let up = try harness.join(1)
        let down = try harness.takeIn(3)
        harness.forget()
        let cluster = harness.node.clusterID
        try harness.hello(from: 3, key: NodeHarness.greater(3), on: down)
        try harness.concede(from: 3, to: NodeHarness.smaller(3), on: down)
        try harness.tell(from: 3, key: NodeHarness.greater(3), behind: 100, on: down)
        try harness.giveRole(from: 3, key: NodeHarness.greater(3), on: down)
        try harness.request(from: 3, on: down)
        try harness.knock(from: 3, on: down)
        try harness.reconnect(from: 3, nonce: 7, on: down)
        #expect(harness.sent.isEmpty, "neither answered nor passed on")
        #expect(harness.closed == [])
        #expect(harness.node.clusterID == cluster)
        #expect(harness.node.clusterSize == 12)
        #expect(try harness.view(of: up).state == .handshakeDone)
    }
}
