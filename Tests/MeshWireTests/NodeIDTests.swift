import MeshWire
import Testing

@Suite
struct NodeIDTests {
    @Test(
        arguments: [
            (0, .broadcast), (1, .device), (1999, .device), (2000, .virtual), (19999, .virtual), (20000, .staticGroup),
            (20999, .staticGroup), (21000, .dynamicGroupBroadcast), (21001, .dynamicGroup), (21999, .dynamicGroup),
            (22000, .reservedGroup), (29999, .reservedGroup), (30000, .loopback), (30001, .hops(1)),
            (30999, .hops(999)),
            (31000, .shortestSink), (31001, .anycastThenBroadcast), (31002, .reserved), (31999, .reserved),
            (32000, .app),
            (32999, .app), (33000, .globalDevice), (57999, .globalDevice), (58000, .reserved), (65534, .reserved),
            (65535, .invalid),
        ] as [(UInt16, NodeID.Kind)]
    )
    func rangesHaveTheirKinds(value: UInt16, kind: NodeID.Kind) {
        #expect(NodeID(value).kind == kind)
    }

    @Test
    func onlyNodesAndPartnersMaySend() {
        for value in UInt16.min...UInt16.max {
            let expected = (1...19999).contains(value) || (32000...57999).contains(value)
            if NodeID(value).isValidSender != expected {
                Issue.record("\(value)")
            }
        }
    }

    @Test
    func virtualPartnersAreNumberedBySlot() {
        #expect(NodeID(5).virtualPartner(slot: 1) == NodeID(4005))
        #expect(NodeID(1).virtualPartner(slot: 0) == NodeID(2001))
    }

    @Test
    func clusterIDsNameTheirCreator() throws {
        let id = ClusterID(node: NodeID(5), connectionLossCounter: 0xABCC, bootNumber: 1)
        #expect(id.rawValue == 0xABCD_0005)
        #expect(id.creator == NodeID(5))
        for entry in try Vectors.cases("cluster_id") {
            let made = ClusterID(
                node: NodeID(UInt16(try #require(entry["nodeId"]?.number))),
                connectionLossCounter: UInt16(try #require(entry["connectionLossCounter"]?.number)),
                bootNumber: UInt16(try #require(entry["randomBootNumber"]?.number))
            )
            #expect(entry["clusterId"]?.number == Int(made.rawValue))
        }
    }
}
