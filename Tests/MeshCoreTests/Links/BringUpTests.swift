import ByteCoding
@testable import MeshCore
import MeshWire
import RadioPort
import Testing

/// How links come up, and who may (protocol §3.2, §5.3, §5.8, §7.5).
@Suite struct BringUpTests {
    private static let key = Key128(repeating: 0x22)

    // MARK: - Order

    @Test func centralEncryptsThenExchangesMTUThenWelcomes() throws {
        var harness = NodeHarness(2)
        let link = harness.linkUp(try harness.connect(to: 3))
        harness.forget()
        harness.give(.radio(.encrypted(link: link, status: .success)))
        #expect(harness.commands == [.exchangeMTU(link: link, mtu: 63), .setDataLength(link: link)])
        #expect(harness.writes.isEmpty)
        harness.give(.radio(.mtu(link: link, value: 63)))
        #expect(
            harness.writes == [
                NodeHarness.Write(link: link, hex: "14020031750200341201000b00ffff000b00", kind: .request)
            ]
        )
        #expect(try harness.view(of: link).state == .handshaking)
    }

    @Test func centralAsksForEncryptionAtOnce() throws {
        var harness = NodeHarness(2)
        let connect = try harness.connect(to: 3)
        harness.forget()
        let link = harness.linkUp(connect)
        #expect(harness.commands.first == .encrypt(link: link, key: Self.key))
        #expect(try harness.view(of: link).state == .connected)
    }

    @Test func peripheralAnswersWithTheNetworkKeyAndWaits() {
        var harness = NodeHarness(2)
        let link = harness.linkUp(from: 1)
        harness.forget()
        harness.give(.radio(.keyRequested(link: link)))
        harness.give(.radio(.encrypted(link: link, status: .success)))
        harness.give(.radio(.mtu(link: link, value: 63)))
        #expect(harness.commands == [.answerKey(link: link, key: Self.key)])
        #expect(harness.writes.isEmpty)
    }

    @Test func handshakeIsWrittenAsRequestsAndTheRestAsCommands() throws {
        var harness = NodeHarness(2)
        let first = try harness.join(1)
        let second = try harness.takeIn(3)
        for write in harness.writes {
            #expect((write.kind == .request) == ["14", "15", "16"].contains(write.hex.prefix(2)), "\(write.hex)")
        }
        #expect(Set(harness.writes.map(\.link)) == [first, second])
    }

    @Test func failedEncryptionEndsTheLink() throws {
        var harness = NodeHarness(2)
        let link = harness.linkUp(try harness.connect(to: 3))
        harness.give(.radio(.encrypted(link: link, status: .micFailure)))
        #expect(harness.closed == [link])
        #expect(harness.traces.contains { $0.event == .encryptionFailed(link: link, .micFailure) })
        #expect(harness.node.linkCount == 0)
        #expect(harness.writes.isEmpty)
    }

    @Test func attemptOfARemovedObjectIsClosedWhenItSucceedsAfterAll() throws {
        var harness = NodeHarness(2)
        let connect = try harness.connect(to: 3)
        harness.give(.request(.disconnect(nil)))
        #expect(harness.commands.last { $0 == .cancelConnect } != nil)
        #expect(harness.removals == [.userRequest])
        let link = harness.linkUp(connect)
        #expect(harness.closed == [link])
        #expect(harness.node.linkCount == 0)
    }

    // MARK: - What an incoming link is

    @Test(arguments: [
        (NodeHarness.handles.meshValue, LinkView.Kind.mesh),
        (NodeHarness.handles.accessReceive, .access),
        (NodeHarness.handles.accessConfiguration, .access),
        (NodeHarness.handles.accessTransmit, .resolver),
    ])
    func firstWriteTellsWhatALinkIs(handle: AttributeHandle, kind: LinkView.Kind) throws {
        var harness = NodeHarness(2)
        harness.give(.entropy(InlineBytes(repeatElement(7, count: 32))))
        let link = harness.linkUp(from: 1)
        #expect(try harness.view(of: link).kind == .resolver)
        let value = try EncryptCustomStart(sender: NodeID(1), receiver: .broadcast, fmKeyID: .network)
            .encoded(as: AttributeValue.self)
        harness.give(.radio(.written(link: link, handle: handle, value: value, kind: .request)))
        #expect(try harness.view(of: link).kind == kind)
    }

    @Test func silentLinkIsClosedAfterFiveSeconds() {
        var harness = NodeHarness(2)
        let link = harness.linkUp(from: 1)
        harness.wait(4800)
        #expect(harness.closed == [])
        harness.wait(200)
        #expect(harness.closed == [link])
        #expect(harness.removals == [.handshakeTimeout])
        #expect(harness.node.connectionLossCounter == 0, "it was no mesh link")
    }

    @Test func meshLinkBeyondTheWaysInIsRefused() throws {
        var harness = NodeHarness(2)
        _ = try harness.join(1)
        let second = harness.linkUp(from: 11)
        try harness.receive("5000000000", on: second)
        #expect(try harness.view(of: second).kind == .mesh)
        harness.forget()
        let third = harness.linkUp(from: 12)
        try harness.welcome(from: 12, size: 30, on: third)
        #expect(harness.closed == [third])
        #expect(harness.removals == [.noSpot])
        #expect(harness.node.clusterSize == 11)
    }

    @Test func linkBeyondTheConnectionObjectsIsClosed() throws {
        var harness = NodeHarness(2)
        for id in [UInt16(3), 4, 5] {
            _ = try harness.takeIn(id)
        }
        _ = harness.linkUp(from: 11)
        _ = harness.linkUp(from: 12)
        harness.forget()
        let link = harness.linkUp(from: 13)
        #expect(harness.closed == [link])
        #expect(harness.node.linkCount == 5)
    }

    // MARK: - One handshake at a time

    @Test func incomingLinkDuringAHandshakeIsClosed() throws {
        var harness = NodeHarness(2)
        harness.prepare(harness.linkUp(try harness.connect(to: 3)))
        let link = harness.linkUp(from: 1)
        #expect(harness.closed == [link])
        #expect(harness.node.linkCount == 1)
    }

    @Test func outgoingLinkDuringAHandshakeIsClosed() throws {
        var harness = NodeHarness(2)
        let connect = try harness.connect(to: 3)
        let incoming = harness.linkUp(from: 1)
        try harness.welcome(from: 1, on: incoming)
        let outgoing = harness.linkUp(connect)
        #expect(harness.closed.contains(outgoing))
        #expect(harness.node.linkViews.map(\.link) == [incoming])
    }

    @Test func outgoingLinkIsClosedForTheHandshakeOfAnother() throws {
        var harness = NodeHarness(2)
        let first = harness.linkUp(try harness.connect(to: 3))
        let connect = try harness.connect(to: 4, rssi: -50)
        harness.prepare(first)
        let second = harness.linkUp(connect)
        #expect(harness.closed == [second])
        #expect(harness.removals == [.currentlyInHandshake])
        #expect(harness.node.linkViews.map(\.link) == [first])
    }

    @Test func linksThatAreUpMayOpenTheirHandshakesOneAfterTheOther() throws {
        var harness = NodeHarness(2)
        let first = harness.linkUp(try harness.connect(to: 3))
        let second = harness.linkUp(try harness.connect(to: 4, rssi: -50))
        harness.prepare(first)
        harness.prepare(second)
        #expect(harness.node.linkViews.map(\.state) == [.handshaking, .handshaking])
        #expect(harness.closed == [])
    }

    @Test func returningLinkIsTakenDuringAHandshake() throws {
        var harness = NodeHarness(2)
        let lost = try harness.join(1)
        harness.wait(11_000)
        let connect = try harness.connect(to: 3)
        harness.lose(lost)
        harness.prepare(harness.linkUp(connect))
        let back = harness.linkUp(from: 1)
        #expect(harness.closed == [])
        #expect(try harness.view(of: back).state == .reestablishingHandshake)
    }
}
