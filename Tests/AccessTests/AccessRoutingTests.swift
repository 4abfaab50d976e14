import ByteCoding
import MeshCrypto
import MeshWire
import RadioPort
import Testing

@testable import MeshCore

/// Node 1 alone in its network and, in another, nodes 2 and 3 that are meshed; 1 does not reach 3.
private func guestAndMesh(guestKeys: NodeKeys = NodeKeys(), keys: NodeKeys = NodeKeys()) throws -> TestAir {
    var air = TestAir()
    air.isInReach = { min($0, $1) != 0 || max($0, $1) != 2 }
    air.add(Identity(node: NodeID(1), network: NetworkID(12), keys: guestKeys))
    air.add(Identity(node: NodeID(2), keys: keys))
    air.add(Identity(node: NodeID(3), keys: keys))
    let isMeshed = air.run(atMost: 30) { $0.nodes[2].clusterSize == 2 && $0.nodes[1].clusterSize == 2 }
    #expect(isMeshed)
    air.run(seconds: 8)
    return air
}

extension TestAir {
    /// What the partner of node 1 is called at node `index`, as the bytes of an address field.
    fileprivate func virtual(_ index: Int) throws -> String {
        let id = try #require(accessLink(index)?.access?.addressing?.virtual.rawValue)
        return Hex.encode([UInt8(truncatingIfNeeded: id), UInt8(truncatingIfNeeded: id >> 8)])
    }

    fileprivate func pings(_ index: Int) -> [String] {
        deliveries(index).filter { ["33", "34"].contains($0.prefix(2)) && $0.hasSuffix("03") && $0.count == 16 }
    }
}

@Suite struct AccessRoutingTests {
    /// The guest accesses the mesh: its partner relays both ways, under the virtual id.
    @Test func aRemoteMeshIsReachedThroughThePartner() throws {
        var air = try guestAndMesh()
        try air.open(from: 0, to: 1, tunnel: .remoteMesh)
        let guest = try air.virtual(1)
        try air.send("3300000300000903", from: 0)
        air.run(seconds: 1)
        #expect(air.pings(1) == [])
        #expect(air.pings(2) == ["33" + guest + "0300000903"])
        #expect(air.pings(0) == ["3403000100000903"])
        // What everybody gets does not come back to the sender.
        try air.send("5000000000aa", from: 0)
        air.run(seconds: 1)
        #expect(air.deliveries(2).contains("50" + guest + "0000aa"))
        #expect(air.deliveries(0).filter { $0.hasSuffix("aa") } == ["5001000000aa"])
    }

    @Test func withoutTunnelNothingIsRelayed() throws {
        var air = try guestAndMesh()
        try air.open(from: 0, to: 1)
        try air.send("3300000300000903", from: 0)
        try air.send("3300000000000903", from: 0)
        air.run(seconds: 1)
        // To the mesh: not even offered. To everybody: for the partner alone.
        let guest = try air.virtual(1)
        #expect(air.pings(1) == ["33" + guest + "0000000903"])
        #expect(air.pings(2) == [])
    }

    /// The mesh of the opener accesses the device at the other end.
    @Test func aLocalMeshReachesThePartner() throws {
        var air = try guestAndMesh()
        try air.open(from: 1, to: 0, tunnel: .localMesh)
        let guest = try air.virtual(1)
        try air.send("330000" + guest + "000903", from: 2)
        air.run(seconds: 1)
        // The guest sees the asker as it is: only the partner's id is translated.
        #expect(air.pings(0) == ["3303000100000903"])
        // Its answer to a single node of the mesh is not offered to the link, what it tells everybody is.
        #expect(air.pings(2) == [])
        try air.send("3300000000000803", from: 0)
        air.run(seconds: 1)
        #expect(air.pings(2) == ["33" + guest + "0000000803"])
    }

    @Test func theNodeKeyStaysWithTheNode() throws {
        var air = try guestAndMesh()
        try air.open(from: 0, to: 1, keyID: .node, key: NodeKeys().node, tunnel: .remoteMesh)
        let partner = try air.virtual(0)
        let guest = try air.virtual(1)
        try air.send("330000" + partner + "000903", from: 0)
        try air.send("3300000000000803", from: 0)
        air.run(seconds: 1)
        #expect(air.pings(1) == ["33" + guest + "0200000903", "33" + guest + "0000000803"])
        #expect(air.pings(2) == [])
        #expect(air.pings(0).contains("34" + partner + "0100000903"))
    }

    @Test func aRestrainedKeyOpensLittle() throws {
        var air = try guestAndMesh()
        let key = NodeKeys.restrainedKey(of: NodeKeys().node, cipher: AES128.cipher)
        try air.open(from: 0, to: 1, keyID: .restrained, key: key, tunnel: .remoteMesh)
        let count = air.packets.count
        let partner = try air.virtual(0)
        try air.send("330000" + partner + "000903", from: 0)
        try air.send("3300000000000903", from: 2)
        air.run(seconds: 1)
        // Neither end lets anything out, not even the cluster size.
        #expect(air.packets.count == count)
    }

    /// The opener has the organisation key, which lets everything out; the other end lets in what is open to it.
    @Test func whatMayNotComeInIsDropped() throws {
        let keys = NodeKeys(organization: Key128(repeating: 0x44))
        var air = try guestAndMesh(guestKeys: keys, keys: keys)
        try air.open(from: 0, to: 1, keyID: .organization, key: keys.organization, tunnel: .remoteMesh)
        let partner = try air.virtual(0)
        let guest = try air.virtual(1)
        try air.send("330000" + partner + "000903", from: 0)
        try air.send("330000" + partner + "030001", from: 0)
        air.run(seconds: 1)
        #expect(air.deliveries(1).contains("33" + guest + "0200030001"))
        #expect(air.pings(1) == [])
        #expect(air.deliveries(0).contains { $0.hasPrefix("34" + partner + "0100030001") })
        let dropped = air.traces[1].compactMap { event -> MessageType? in
            guard case .accessDropped(_, let type, .undetermined) = event else { return nil }
            return type
        }
        // The cluster update of the opener, too, is none of its business.
        #expect(dropped.contains(.moduleTriggerAction))
    }

    @Test func broadcastsOfTheMeshReachTheGuest() throws {
        var air = try guestAndMesh()
        try air.open(from: 0, to: 1)
        try air.send("3300000000000903", from: 2)
        air.run(seconds: 1)
        #expect(air.pings(0).contains("3303000000000903"))
        // Messages for other nodes do not.
        try air.send("3300000500000903", from: 2)
        air.run(seconds: 1)
        #expect(!air.deliveries(0).contains { $0.dropFirst(6).hasPrefix("0500") })
    }

    /// Protocol §9.2, §9.3: a hop is counted on the access link, too.
    @Test func hopsAreCounted() throws {
        var air = try guestAndMesh()
        try air.open(from: 0, to: 1, tunnel: .remoteMesh)
        let guest = try air.virtual(1)
        try air.send("5000003275aa", from: 0)
        air.run(seconds: 1)
        #expect(air.deliveries(1).contains("50" + guest + "3275aa"))
        #expect(air.deliveries(2).contains("50" + guest + "3175aa"))
        try air.send("5000003175bb", from: 0)
        air.run(seconds: 1)
        #expect(air.deliveries(1).contains("50" + guest + "3175bb"))
        #expect(!air.deliveries(2).contains { $0.hasSuffix("bb") })
    }

    /// Protocol §9.6: the access partner comes first and sees a broadcast.
    @Test func anycastGoesToTheGuestAlone() throws {
        var air = try guestAndMesh()
        try air.open(from: 0, to: 1)
        try air.send("5000001979cc", from: 1)
        air.run(seconds: 1)
        let partner = try air.virtual(0)
        #expect(air.deliveries(0).contains("50" + partner + "0000cc"))
        #expect(!air.deliveries(2).contains { $0.hasSuffix("cc") })
    }

    /// Cluster and handshake messages are about one link: none gets out of an access link, none into one.
    @Test(arguments: ["14", "15", "16", "17", "18", "19", "1c", "3d"])
    func linkMessagesStayOnTheirLink(type: String) throws {
        var air = try guestAndMesh()
        try air.open(from: 0, to: 1, tunnel: .remoteMesh)
        let cluster = air.nodes.map(\.clusterID)
        let sizes = air.nodes.map(\.clusterSize)
        let sent = air.messagesOnMeshLinks[1].count
        let tail = String(repeating: "01", count: 13)
        try air.send(type + "00000000" + tail, from: 0)
        air.run(seconds: 1)
        #expect(!air.messagesOnMeshLinks[1].dropFirst(sent).contains { $0.description.hasSuffix(tail) })
        #expect(air.nodes.map(\.clusterID) == cluster)
        #expect(air.nodes.map(\.clusterSize) == sizes)
        #expect(air.hasAccess(0) && air.hasAccess(1))
    }
}
