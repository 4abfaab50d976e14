import MeshWire
import RadioPort
import Testing

@testable import MeshControl
@testable import MeshCore

/// Real nodes in situations whose reason is known: `why` and `neighbors` must name it.
@Suite struct WhyScenarioTests {
    // MARK: - Both modes

    @Test(arguments: ClusteringMode.allCases) func neighbourIsTooWeak(mode: ClusteringMode) throws {
        var air = TestAir()
        air.add(1) { $0.clustering = mode }
        air.add(7) { $0.clustering = mode }
        air.rssi = { _, _ in -93 }
        air.run(seconds: 5)
        #expect(air.rule(0, about: 7) == "too_weak")
        let (rule, sentence) = try air.why(0, 7)
        #expect(rule == "too_weak")
        #expect(
            sentence.hasPrefix(
                "Node 7 is not asked: its signal of -93 dBm is below the -85 dBm that a link needs; heard "
            )
        )
        #expect(sentence.contains("; looked at again "))
        let summary = air.summary(0)
        #expect(summary.rule == "too_weak")
        #expect(summary.node == NodeID(7))
        #expect(
            summary.sentence.hasPrefix(
                "This node has no mesh link, most probably for this reason: Node 7 is not asked: "
            )
        )
    }

    @Test(arguments: ClusteringMode.allCases) func neighbourIsOfTheSameCluster(mode: ClusteringMode) throws {
        var air = TestAir()
        for id in 1...3 as ClosedRange<UInt16> { air.add(id) { $0.clustering = mode } }
        let isFormed = air.run(atMost: 60) { $0.nodes.allSatisfy { $0.clusterSize == 3 } }
        #expect(isFormed)
        air.run(seconds: 2)
        // Three nodes have two links: two of the nodes are no partners.
        let ends = try #require(
            (0..<3).first { air.nodes[$0].meshEdgeCount == 1 }.flatMap { index in
                air.neighbours(index).first.map { (index, $0.node) }
            }
        )
        let cluster = Words.cluster(air.nodes[ends.0].clusterID)
        #expect(air.rule(ends.0, about: ends.1.rawValue) == "same_cluster")
        let (rule, sentence) = try air.why(ends.0, ends.1.rawValue)
        #expect(rule == "same_cluster")
        #expect(sentence.hasPrefix("Node \(ends.1) is in the same \(cluster); heard "))
        #expect(air.summary(ends.0).rule == "good")
        #expect(air.answer(ends.0, .summary).allSatisfy { $0.rule != "same_cluster" })
        let linked = try #require(air.nodes[ends.0].linkViews.first).partner
        #expect(air.neighbours(ends.0).allSatisfy { $0.node != linked }, "a partner is no neighbour")
        #expect(try air.why(ends.0, linked.rawValue).rule == "linked")
    }

    @Test(arguments: ClusteringMode.allCases) func neighbourIsOfAnotherNetwork(mode: ClusteringMode) throws {
        var air = TestAir()
        air.add(1) { $0.clustering = mode }
        air.add(Identity(node: NodeID(7), network: NetworkID(12))) { $0.clustering = mode }
        air.run(seconds: 5)
        #expect(air.rule(0, about: 7) == "other_network")
        let (rule, sentence) = try air.why(0, 7)
        #expect(rule == "other_network")
        #expect(sentence.hasPrefix("Node 7 is ignored: it belongs to network 12; heard "))
        #expect(air.summary(0).rule == "other_network")
    }

    @Test(arguments: ClusteringMode.allCases) func neighbourHasAnotherKey(mode: ClusteringMode) throws {
        var air = TestAir()
        air.add(1) { $0.clustering = mode }
        air.add(Identity(node: NodeID(7), keys: NodeKeys(network: Key128(repeating: 0x33)))) { $0.clustering = mode }
        air.run(seconds: 6)
        // Whoever opened a link knows by its attempt who was there, the other end by the address.
        for (index, id) in [(0, UInt16(7)), (1, 1)] {
            let entries = air.log(index).entries(about: NodeID(id)).filter { $0.explanation.rule == "wrong_key" }
            let entry = try #require(entries.last)
            let link = try #require(entry.explanation.link)
            #expect(
                entry.explanation.sentence
                    == "Link \(link.rawValue) to node \(id) ended while its key was checked (HCI 0x3D): "
                    + "the network keys differ."
            )
            #expect(entry.count > 1, "it is tried again and again, and is one entry")
            #expect(air.summary(index).rule == "wrong_key")
            #expect(air.answer(index, .link(link)).contains { $0.rule == "wrong_key" })
        }
    }

    @Test func neighbourHasAnotherKeyAndNoRadioEncrypts() throws {
        var air = TestAir()
        air.add(Identity(node: NodeID(1)), encrypting: false)
        air.add(Identity(node: NodeID(7), keys: NodeKeys(network: Key128(repeating: 0x33))), encrypting: false)
        air.run(seconds: 20)
        let rules = air.rules(0, about: 7).union(air.rules(1, about: 1))
        #expect(rules.contains("wrong_key"))
    }

    @Test(arguments: ClusteringMode.allCases) func neighbourFormsClustersInTheOtherMode(mode: ClusteringMode) throws {
        var air = TestAir()
        air.add(1) { $0.clustering = mode }
        air.add(7) { $0.clustering = mode.other }
        air.run(seconds: 5)
        #expect(air.rule(0, about: 7) == "other_mode")
        let (rule, sentence) = try air.why(0, 7)
        #expect(rule == "other_mode")
        #expect(
            sentence
                == "Node 7 forms clusters in \(mode.other.rawValue) mode and this node in \(mode.rawValue): "
                + "the two never link."
        )
        #expect(air.summary(0).rule == "other_mode")
    }

    // MARK: - Classic

    @Test func thereIsNoFreeSlot() throws {
        var air = TestAir()
        air.add(1) {
            $0.meshOutLinks = 1
            $0.meshInLinks = 0
        }
        for id in [7, 8] as [UInt16] { air.add(id) { $0.meshOutLinks = 0 } }
        air.isInReach = { $0 == 0 || $1 == 0 }
        let isLinked = air.run(atMost: 20) { $0.nodes[0].clusterSize == 2 }
        #expect(isLinked)
        air.run(seconds: 3)
        let left = try #require([7, 8].first { id in air.nodes[0].linkViews.allSatisfy { $0.partner.rawValue != id } })
        let index = left == 7 ? 1 : 2
        #expect(air.rule(0, about: left) == "no_free_slot")
        #expect(
            try air.why(0, left).sentence.hasPrefix(
                "Node \(left) is not asked: this node has no free outgoing link, and it is its move; heard "
            )
        )
        #expect(air.rule(index, about: 1) == "no_free_slot")
        #expect(
            try air.why(index, 1).sentence.hasPrefix(
                "Node 1 is not asked: it has no free incoming link; this node waits"
            )
        )
        #expect(air.summary(index).rule == "no_free_slot")
    }

    @Test func neighbourIsBackedOffFrom() throws {
        var air = TestAir()
        air.add(1)
        air.add(7) { $0.meshOutLinks = 0 }
        air.isUnreachable = { _, _ in true }
        let isPaused = air.run(atMost: 60) { air in air.nodes[0].judgements(at: air.now).contains { $0.pause > 30 } }
        #expect(isPaused)
        // The attempt is over when its time is up.
        air.run(seconds: 2.1)
        let judgement = try #require(air.nodes[0].judgements(at: air.now).first)
        #expect(air.rule(0, about: 7) == "back_off")
        let (rule, sentence) = air.answer(0, .node(NodeID(7))).first { $0.rule == "back_off" } ?? ("", "")
        #expect(rule == "back_off")
        #expect(
            sentence.hasPrefix(
                "Node 7 is left alone for another \(Words.time(deciseconds: judgement.pause)) after "
                    + "\(judgement.attempts) connect attempts that came to nothing; "
            )
        )
        #expect(judgement.attempts > 5)
        #expect(air.rules(0, about: 7).isSuperset(of: ["connecting", "connect_failed", "connect"]))
        let failed = try #require(
            air.log(0).entries(about: NodeID(7)).last { $0.explanation.rule == "connect_failed" }
        )
        #expect(failed.count == Int(judgement.attempts))
        #expect(
            failed.explanation.sentence
                == "Node 7 could not be connected to: nothing was heard of the partner for too long (HCI 0x08)."
        )
        #expect(air.summary(0).rule == "back_off")
    }

    @Test func biggerClusterHasToConnect() throws {
        var air = TestAir()
        air.add(1)
        air.add(2) { $0.meshOutLinks = 0 }
        let isFormed = air.run(atMost: 30) { $0.nodes[0].clusterSize == 2 }
        #expect(isFormed)
        air.add(7) { $0.meshOutLinks = 0 }
        air.isInReach = { ($0 == 0) != ($1 == 0) }
        air.isUnreachable = { _, target in target == 2 }
        air.run(seconds: 2)
        #expect(
            try air.why(2, 1).sentence.hasPrefix(
                "Node 1 has to connect to this node: its cluster of 2 is bigger than this one of 1; this node waits"
            )
        )
        #expect(air.rule(2, about: 1) == "bigger")
    }

    @Test func othersArePreferred() throws {
        var air = TestAir()
        air.add(1)
        air.add(7)
        air.with(0) { node, _, _ in
            node.stored.preferredPartners = [NodeID(9)]
            node.stored.preferredMode = .ignored
        }
        air.with(1) { node, _, _ in
            node.stored.preferredPartners = [NodeID(9)]
            node.stored.preferredMode = .ignored
        }
        air.run(seconds: 5)
        #expect(air.rule(0, about: 7) == "not_preferred")
    }

    // MARK: - Partition under one id

    @Test func clusterIsCutInTwoPartsOfOneID() throws {
        var air = TestAir()
        let cluster = ClusterID(rawValue: 0x0001_0002)
        for (id, size) in [(1, 5), (7, 3)] as [(UInt16, Int16)] {
            let index = air.add(id)
            air.with(index) { node, _, _ in
                node.clusterID = cluster
                node.clusterSize = size
                node.markJoinMeStale()
            }
        }
        air.run(seconds: 5)
        #expect(air.rule(0, about: 7) == "same_cluster", "news may be on their way")
        air.run(seconds: 10)
        #expect(air.rule(0, about: 7) == "equal_id_partition")
        #expect(
            try air.why(0, 7).sentence.hasPrefix(
                "Node 7 shows the same cluster 0x00010002 but has counted 3 nodes for 14 s, this node 5: the cluster was "
                    + "cut in two parts that kept one id, and nodes of one id never link; restart the smaller part; heard "
            )
        )
        #expect(air.summary(0).rule == "equal_id_partition")
    }

    @Test func equalPartsAreFoundByCountingThem() throws {
        var air = TestAir()
        for id in [1, 7] as [UInt16] {
            let index = air.add(id)
            air.with(index) { node, _, _ in
                node.clusterID = ClusterID(rawValue: 0x0001_0002)
                node.markJoinMeStale()
            }
        }
        air.run(seconds: 5)
        let summary = air.summary(0)
        #expect(summary.rule == "equal_id_partition")
        #expect(summary.sentence.contains("2 nodes show cluster 0x00010002, which counts 1: it was cut in two parts"))
    }

    // MARK: - Graft

    private func grafting(_ ids: [UInt16], configure: (UInt16, inout Configuration) -> Void = { _, _ in }) -> TestAir {
        var air = TestAir()
        for id in ids {
            air.add(id) {
                $0 = Configuration(clustering: .graft)
                $0.tracing = true
                configure(id, &$0)
            }
        }
        return air
    }

    @Test func graftLeavesAloneWhoDoesNotAnswer() throws {
        var air = grafting([1, 7])
        air.isUnreachable = { _, _ in true }
        let isBanned = air.run(atMost: 30) { air in
            air.nodes.contains { $0.judgements(at: air.now).contains { $0.verdict == .graft(.leftAlone) } }
        }
        #expect(isBanned)
        let index = try #require(
            air.nodes.firstIndex { $0.judgements(at: air.now).contains { $0.verdict == .graft(.leftAlone) } }
        )
        let id: UInt16 = index == 0 ? 7 : 1
        let judgement = try #require(air.nodes[index].judgements(at: air.now).first)
        #expect(air.rule(index, about: id) == "left_alone")
        #expect(
            try air.why(index, id).sentence.hasPrefix(
                "Node \(id) is left alone for another \(Words.time(deciseconds: judgement.pause)) after 1 connect attempt "
                    + "that came to nothing; heard "
            )
        )
        #expect(air.rules(index, about: id).isSuperset(of: ["connecting", "connect_failed", "left_alone"]))
        #expect(air.summary(index).rule == "left_alone")
    }

    @Test func onlyTheRootDecides() throws {
        var air = grafting([1, 2])
        let isFormed = air.run(atMost: 20) { $0.nodes.allSatisfy { $0.clusterSize == 2 } }
        #expect(isFormed)
        let member = try #require(air.nodes.firstIndex { !$0.isRoot })
        let root = 1 - member
        air.add(7) {
            $0 = Configuration(clustering: .graft)
            $0.tracing = true
        }
        air.with(2) { node, _, _ in node.raiseRank(to: 50) }
        air.isInReach = { Set([$0, $1]) != [root, 2] }
        let isWhole = air.run(atMost: 20) { $0.nodes.allSatisfy { $0.clusterSize == 3 } }
        #expect(isWhole)
        let verdicts = air.traces[member].compactMap { event in
            if case .candidate(let judgement) = event, judgement.node == NodeID(7) { judgement } else { nil }
        }
        let asking = try #require(verdicts.first { $0.verdict == .graft(.askForRole) })
        let own = Words.key(ClusterKey(rank: 2, cluster: asking.ownCluster))
        let other = Words.key(ClusterKey(rank: 50, cluster: asking.cluster))
        #expect(
            asking.explanation().sentence
                == "Node 7 would do as a parent, its \(other) is greater than \(own) here, but this node is not the root, "
                + "which alone decides; it asks for the role; heard 0 s ago."
        )
        let order = air.traces[member].compactMap { event -> String? in
            switch event {
            case .roleAsked(NodeID(root == 0 ? 1 : 2)): "asked"
            case .role(_, let receiver, wasAsked: true) where receiver == air.nodes[member].identity.node: "got"
            case .grafted(under: NodeID(7), _, _, _, _): "grafted"
            default: nil
            }
        }
        #expect(order == ["asked", "got", "grafted"])
        let rules = Set(air.log(member).clusterEntries.map(\.explanation.rule))
        #expect(rules.isSuperset(of: ["role_asked", "role", "grafted", "handshake_done"]))
        #expect(air.answer(member, .cluster).first?.rule == "cluster")
    }

    @Test func smallerClusterHasTheMove() throws {
        var air = grafting([1, 7])
        let greater = air.nodes[0].clusterKey > air.nodes[1].clusterKey ? 0 : 1
        air.isUnreachable = { _, _ in true }
        air.run(seconds: 1)
        let id = air.nodes[1 - greater].identity.node.rawValue
        #expect(air.rule(greater, about: id) == "smaller")
        let sentence = try air.why(greater, id).sentence
        #expect(sentence.contains(" is smaller than key (1, 0x"))
        #expect(sentence.contains(" here, so that it is its move; heard "))
    }

    @Test func nobodyIsThere() {
        var air = TestAir()
        air.add(1)
        air.run(seconds: 5)
        let summary = air.summary(0)
        #expect(summary.rule == "nobody_heard")
        #expect(
            summary.sentence
                == "This node has no mesh link: no node of another cluster is heard; what is missing is off, out of reach "
                + "or in another network."
        )
        #expect(air.log(0).entries.contains { $0.explanation.rule == "nobody_usable" && $0.count == 2 })
    }

    @Test func whatIsLostIsSaid() throws {
        var air = TestAir()
        air.add(1)
        air.add(7)
        let isFormed = air.run(atMost: 30) { $0.nodes.allSatisfy { $0.clusterSize == 2 } }
        #expect(isFormed)
        air.run(seconds: 12)
        let link = try #require(air.nodes[0].linkViews.first).link
        air.isInReach = { _, _ in false }
        air.lose(link)
        air.run(seconds: 1)
        #expect(air.summary(0).rule == "reestablishing")
        #expect(
            air.log(0).entries.contains {
                $0.explanation.sentence
                    == "The link to node 7 was lost: nothing was heard of the partner for too long (HCI 0x08); it is being "
                    + "re-established, and the cluster kept meanwhile."
            }
        )
        air.run(seconds: 12)
        let removed = try #require(
            air.log(0).entries(about: NodeID(7)).last { $0.explanation.rule == "reconnect_timeout" }
        )
        #expect(
            removed.explanation.sentence
                == "The mesh link to node 7 was given up, because the lost link did not come back in time."
        )
        // The end that held the master bit keeps the cluster, the other dissolves.
        let dissolved = air.traces.indices.filter { index in
            air.log(index).clusterEntries.contains { $0.explanation.rule == "dissolved" }
        }
        #expect(dissolved.count == 1)
        #expect(air.answer(0, .link(link)).contains { $0.rule == "link_down" })
    }

    // MARK: - What nobody knows

    @Test func unknownNodesAndLinksAreAnsweredWithTheClosest() {
        var air = TestAir()
        air.add(1)
        for id in [7, 70, 123] as [UInt16] { air.add(id) }
        air.rssi = { _, _ in -93 }
        air.run(seconds: 3)
        let report = air.report(0)
        for (question, text) in [
            (.node(NodeID(71)), "Nothing is known of node 71; the closest that is known is 70."),
            (.node(NodeID(132)), "Nothing is known of node 132; the closest that is known is 123."),
            (.link(LinkID(rawValue: 3)), "Nothing is known of link 3, nor of any other."),
        ] as [(WhyQuestion, String)] {
            let answer = report.answer(question)
            #expect(answer.map { $0.text("rule") } == ["unknown"])
            #expect(answer.map { $0.text("sentence") } == [text])
        }
    }

    @Test func theNodeItselfIsNoNeighbour() throws {
        var air = TestAir()
        air.add(1)
        #expect(try air.why(0, 1).rule == "own")
    }
}
