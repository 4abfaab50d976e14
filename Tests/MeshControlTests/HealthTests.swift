import ByteCoding
import MeshCore
import MeshWire
import RadioFake
import RadioPort
import Testing

import MeshControl

/// How a node says that it is.
@Suite struct HealthTests {
    /// A node whose radio and neighbours are made up.
    private struct Bench {
        private(set) var node: Node
        private var now = Instant(microseconds: 1_000_000)
        private var outputs = Outputs()
        private var lastLink: UInt32 = 0

        init(enrolled: UInt16 = 0, clustering: ClusteringMode = .classic) throws {
            let identity = Identity(node: NodeID(7))
            let configuration = Configuration(clustering: clustering)
            node = Node(identity: identity, configuration: configuration, seed: 7) { key, _ in key }
            var stored = PersistentState()
            stored.enrolledNodes = enrolled
            give(.started(boot: BootRecord(bootNumber: 1, stored: stored)))
        }

        mutating func give(_ input: Input) {
            outputs.removeAll()
            node.handle(input, at: now, into: &outputs)
        }

        /// Lets seconds pass, waking the node at its deadlines.
        mutating func wait(_ seconds: UInt64) {
            let end = now.advanced(byMicroseconds: seconds * 1_000_000)
            while let deadline = node.nextDeadline, deadline <= end {
                now = max(now, deadline)
                give(.wake)
            }
            now = end
        }

        mutating func becomeReady() {
            let address = Address(value: 0xC000_0000_0007, kind: .random)
            let ready = RadioEvent.ready(
                address: address,
                capabilities: FakeRadio.capabilities,
                handles: FakeRadio.handles
            )
            give(.radio(ready))
        }

        /// A neighbour with a cluster of so many nodes connects and takes the node in.
        mutating func join(_ id: UInt16, size: Int16) throws -> LinkID {
            lastLink += 1
            let link = LinkID(rawValue: lastLink)
            give(
                .radio(
                    .connected(
                        token: .incoming,
                        link: link,
                        role: .peripheral,
                        address: Address(value: 0xC000_0000_0000 | UInt64(id), kind: .random),
                        parameters: ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100)
                    )
                )
            )
            give(.radio(.keyRequested(link: link)))
            give(.radio(.encrypted(link: link, status: .success)))
            give(.radio(.mtu(link: link, value: 63)))
            let cluster = ClusterID(rawValue: 0x4711_0000 | UInt32(id))
            let welcome = ClusterWelcome(
                sender: NodeID(id),
                cluster: cluster,
                clusterSize: size,
                meshWriteHandle: FakeRadio.handles.meshValue.rawValue,
                hopsToSink: -1,
                network: NetworkID(11)
            )
            write(try welcome.encoded(), on: link)
            let acknowledgement = ClusterAck2(
                sender: NodeID(id),
                receiver: NodeID(7),
                cluster: cluster,
                clusterSize: size + 1,
                hopsToSink: -1
            )
            write(try acknowledgement.encoded(), on: link)
            return link
        }

        private static func joinMe(_ id: UInt16) -> JoinMe {
            JoinMe(
                network: NetworkID(11),
                sender: NodeID(id),
                cluster: ClusterID(rawValue: 0x4711_0000 | UInt32(id)),
                clusterSize: 1,
                freeIn: 2,
                freeOut: 3,
                meshWriteHandle: FakeRadio.handles.meshValue.rawValue
            )
        }

        private static func graftMe(_ id: UInt16) -> GraftMe {
            GraftMe(
                network: NetworkID(11),
                sender: NodeID(id),
                key: ClusterKey(rank: 1, cluster: ClusterID(rawValue: 0x4711_0000 | UInt32(id))),
                clusterSize: 1,
                freeIn: 2,
                freeOut: 3,
                isRoot: true,
                calls: false,
                meshWriteHandle: FakeRadio.handles.meshValue.rawValue
            )
        }

        private mutating func write(_ value: AttributeValue, on link: LinkID) {
            // One piece: both messages fit into one write.
            give(.radio(.written(link: link, handle: FakeRadio.handles.meshValue, value: value, kind: .command)))
        }

        func health(_ state: String = "ready") -> Health {
            Health(node, radio: RadioSummary(kind: "h4", adapter: "h4:unix:/a", state: state), at: now)
        }

        func status() -> JSONObject {
            StatusReport.object(
                node,
                NodeSurroundings(
                    name: nil,
                    radio: RadioSummary(kind: "h4", adapter: "h4:unix:/a", state: "ready"),
                    startedAt: now
                ),
                counters: [],
                now: now
            )
        }

        /// An advertisement of another node's cluster, in one mode or the other.
        mutating func hear(_ id: UInt16, as mode: ClusteringMode) throws {
            let data: AdvertisingData
            switch mode {
            case .classic: data = try Self.joinMe(id).encoded()
            case .graft: data = try Self.graftMe(id).encoded()
            }
            give(
                .radio(
                    .advertisement(
                        address: Address(value: 0xC000_0000_0000 | UInt64(id), kind: .random),
                        rssi: -60,
                        connectable: true,
                        data: data
                    )
                )
            )
        }
    }

    @Test(arguments: ["starting", "resetting", "gone"])
    func withoutRadioItIsIsolated(state: String) throws {
        let health = try Bench().health(state)
        #expect(health.word == "isolated")
        #expect(health.reason == "the radio is not ready: \(state)")
    }

    @Test func withoutLinkItIsIsolated() throws {
        var bench = try Bench(enrolled: 1)
        bench.becomeReady()
        #expect(bench.health().word == "isolated")
        #expect(bench.health().reason == "no mesh link")
    }

    @Test(
        arguments: [
            (0, "good", "in a cluster of 4"), (1, "good", "in a cluster of 4"),
            (3, "good", "all 3 nodes are in the cluster"),
            (4, "good", "all 4 nodes are in the cluster"), (5, "degraded", "4 of 5 nodes are in the cluster"),
        ] as [(UInt16, String, String)]
    )
    func theClusterIsComparedWithTheEnrolledNodes(enrolled: UInt16, word: String, reason: String) throws {
        var bench = try Bench(enrolled: enrolled)
        bench.becomeReady()
        _ = try bench.join(9, size: 3)
        #expect(bench.node.clusterSize == 4)
        #expect(bench.health().word == word)
        #expect(bench.health().reason == reason)
    }

    @Test func aLostLinkDegradesItAndAFailedRadioIsolatesIt() throws {
        var bench = try Bench()
        bench.becomeReady()
        let link = try bench.join(9, size: 3)
        // Only a link that lasted is kept for a while.
        bench.wait(11)
        #expect(bench.health().word == "good")
        bench.give(.radio(.disconnected(link: link, reason: .connectionTimeout)))
        #expect(bench.health().word == "degraded")
        #expect(bench.health().reason == "lost the link to node 9")
        bench.give(.radio(.failed(.connectionTimeout)))
        #expect(bench.health("resetting").word == "isolated")
        #expect(bench.health("resetting").reason == "the radio is not ready: resetting")
    }

    @Test(arguments: ClusteringMode.allCases)
    func aNeighbourOfTheOtherModeIsSaidForFiveMinutes(mode: ClusteringMode) throws {
        var bench = try Bench(clustering: mode)
        bench.becomeReady()
        let other = mode.other
        // One of the own mode is nothing to speak of.
        try bench.hear(3, as: mode)
        #expect(bench.health().reason == "no mesh link")
        #expect(bench.status().line.contains(#""other_mode_nodes":[],"#))
        try bench.hear(12, as: other)
        #expect(bench.health().reason == "no mesh link; \(other) node 12 is near")
        #expect(bench.health().word == "isolated")
        bench.wait(200)
        try bench.hear(9, as: other)
        #expect(bench.health().reason == "no mesh link; 2 \(other) nodes are near")
        #expect(bench.status().line.contains(#""other_mode_nodes":[9,12],"#))
        bench.wait(101)
        #expect(bench.health().reason == "no mesh link; \(other) node 9 is near")
        bench.wait(200)
        #expect(bench.health().reason == "no mesh link")
        #expect(bench.status().line.contains(#""other_mode_nodes":[],"#))
        // One that has changed its mode is spoken of no longer.
        try bench.hear(9, as: other)
        try bench.hear(12, as: other)
        try bench.hear(9, as: mode)
        #expect(bench.health().reason == "no mesh link; \(other) node 12 is near")
    }

    @Test func onlyAGraftNodeHasARank() throws {
        let classic = try Bench().status().line
        #expect(classic.contains(#""clustering":"classic","rank":null,"root":null,"#))
        let graft = try Bench(clustering: .graft).status().line
        #expect(graft.contains(#""clustering":"graft","rank":1,"root":true,"#))
    }
}
