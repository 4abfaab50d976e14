import MeshConfiguration
import MeshCore
import MeshWire
import Testing

/// What a scenario file says, as values.
@Suite struct ScenarioFileTests {
    @Test func everyKeyArrives() throws {
        let scenario = try ScenarioFile(
            yaml: """
                question: Does it work?
                name: everything
                seed: 18446744073709551615
                duration: 2min
                radio: reference
                area: { width_m: 30, height_m: 20.5 }
                nodes: { count: 12, placement: dense }
                sinks: [3, 1]
                network: { id: 12, key: 000102030405060708090A0B0C0D0E0F, clustering: classic }
                timeline:
                  - { at: 90s, power_on: [all] }
                  - { at: 1.5s, power_off: [3, best_connected] }
                  - { at: 60, reboot: 2 }
                  - { at: 250ms, block_link: [1, 2] }
                  - { at: 61s, unblock_link: [2, 1] }
                expect:
                  - { formed_by: 60s }
                  - { healed_within: 30s, after: 60s }
                  - { always: [no_loops, one_master_bit, degree_limits, sizes_consistent, no_duplicates] }
                """,
            file: "everything.yaml"
        )
        #expect(scenario.file == "everything.yaml")
        #expect(scenario.name == "everything")
        #expect(scenario.question == "Does it work?")
        #expect(scenario.seed == .max)
        #expect(scenario.durationMicroseconds == 120_000_000)
        #expect(scenario.radio == .reference)
        #expect(scenario.area == ScenarioFile.Area(widthMetres: 30, heightMetres: 20.5))
        #expect(scenario.placement == .generated(.dense, count: 12))
        #expect(scenario.nodeCount == 12)
        #expect(scenario.sinks == [NodeID(1), NodeID(3)])
        #expect(scenario.network == ScenarioFile.Network(id: NetworkID(12), key: Array(0...15), clustering: .classic))
        #expect(
            scenario.timeline == [
                TimelineEntry(atMicroseconds: 250_000, action: .blockLink(NodeID(1), NodeID(2))),
                TimelineEntry(atMicroseconds: 1_500_000, action: .powerOff([.node(NodeID(3)), .bestConnected])),
                TimelineEntry(atMicroseconds: 60_000_000, action: .reboot([.node(NodeID(2))])),
                TimelineEntry(atMicroseconds: 61_000_000, action: .unblockLink(NodeID(2), NodeID(1))),
                TimelineEntry(atMicroseconds: 90_000_000, action: .powerOn([.all])),
            ]
        )
        #expect(
            scenario.expectations == [
                .formedBy(microseconds: 60_000_000),
                .healedWithin(microseconds: 30_000_000, afterMicroseconds: 60_000_000),
                .always(Invariant.allCases.filter { $0.holds(in: .classic) }),
            ]
        )
    }

    @Test func fewKeysAreEnough() throws {
        let scenario = try ScenarioFile(
            yaml: "question: Q?\nduration: 10\nnodes: { count: 5 }",
            file: "folder/short.v2.yaml"
        )
        #expect(scenario.name == "short.v2")
        #expect(scenario.seed == 1)
        #expect(scenario.durationMicroseconds == 10_000_000)
        #expect(scenario.placement == .generated(.random, count: 5))
        #expect(scenario.network == ScenarioFile.Network())
        #expect(scenario.network.key == [UInt8](repeating: 0x22, count: 16))
        #expect(scenario.radio == .ble && scenario.lowEnergy == LowEnergySettings())
        #expect(scenario.area == nil && scenario.sinks.isEmpty && scenario.unenrolled.isEmpty)
        #expect(scenario.timeline.isEmpty && scenario.expectations.isEmpty)
    }

    @Test func positionsAreNumberedFromOne() throws {
        let scenario = try ScenarioFile(
            yaml: "question: Q?\nduration: 10s\nnodes:\n  positions: [[0, 1], [2.5, -3, 4]]\nsinks: [2]",
            file: "a.yaml"
        )
        #expect(
            scenario.placement
                == .fixed(
                    Layout(nodes: [
                        Layout.Node(id: NodeID(1), xMetres: 0, yMetres: 1),
                        Layout.Node(id: NodeID(2), xMetres: 2.5, yMetres: -3, zMetres: 4),
                    ])
                )
        )
        #expect(scenario.sinks == [NodeID(2)])
    }

    @Test func positionsMayCarryIDsAndSinks() throws {
        let scenario = try ScenarioFile(
            yaml: """
                question: Q?
                duration: 10s
                nodes:
                  positions:
                    - { id: 7, x_m: 1, y_m: 2, sink: true }
                    - { id: 3, x_m: 4, y_m: 5, z_m: 6 }
                unenrolled: [3]
                timeline: [{ at: 1s, power_off: [7] }]
                """,
            file: "a.yaml"
        )
        #expect(scenario.nodeCount == 2)
        #expect(scenario.unenrolled == [NodeID(3)])
        #expect(scenario.sinks == [NodeID(7)])
    }

    @Test(
        arguments: [
            ("0", 0), ("5", 5_000_000), ("60s", 60_000_000), ("1.5s", 1_500_000), ("0.000001s", 1), ("250ms", 250_000),
            ("0.5ms", 500), ("2min", 120_000_000), ("1.5h", 5_400_000_000),
        ] as [(String, UInt64)]
    )
    func timesAreExact(text: String, microseconds: UInt64) throws {
        let scenario = try ScenarioFile(
            yaml: "question: Q?\nduration: 24h\nnodes: {count: 1}\ntimeline: [{at: \(text), reboot: [1]}]",
            file: "a.yaml"
        )
        #expect(scenario.timeline.first?.atMicroseconds == microseconds)
    }
}
