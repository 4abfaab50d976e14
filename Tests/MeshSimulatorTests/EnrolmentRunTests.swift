import ByteCoding
import MeshConfiguration
import MeshCore
import MeshWire
import RadioPort
import Testing

@testable import MeshSimulator

/// Devices without a network among the nodes of a scenario.
@Suite struct EnrolmentRunTests {
    private static func run(_ clustering: ClusteringMode, seed: UInt64) throws -> ScenarioRun {
        let scenario = try ScenarioFile(
            yaml: """
                question: Does it join?
                duration: 300s
                radio: reference
                nodes: { positions: [[0, 0], [5, 0], [0, 5], [5, 5]] }
                unenrolled: [3]
                network: { clustering: \(clustering.rawValue) }
                expect: [{ always: [no_loops, one_master_bit, sizes_consistent, no_duplicates] }]
                """,
            file: "four.yaml"
        )
        return try ScenarioRun(scenario, seed: seed)
    }

    /// Asks everybody to make node 3 a node 77.
    private static func request(_ content: EnrollmentMessage) throws -> Input {
        let message = ModuleMessage(sender: NodeID(0), receiver: .broadcast, content: .enrollment(content))
        return .request(.send(try message.encoded()))
    }

    private static let enrolment = EnrollmentMessage.setEnrollment(
        SetEnrollment(
            serialNumber: SerialNumber(2),
            newNodeID: NodeID(77),
            newNetworkID: NetworkID(11),
            newNetworkKey: FixedBytes(repeating: 0x22),
            nodeKey: FixedBytes(repeating: 0x11),
            options: .init(timeoutSeconds: 10, onlyIfUnenrolled: false)
        )
    )

    private static func run(_ run: inout ScenarioRun, seconds: UInt64, until condition: (ScenarioRun) -> Bool) -> Bool {
        let end = run.now.advanced(byMicroseconds: seconds * 1_000_000)
        while !condition(run), run.now < end, !run.isOver { run.step() }
        return condition(run)
    }

    @Test(arguments: ClusteringMode.allCases, [1, 2, 3] as [UInt64])
    func aDeviceIsEnrolledJoinsRestartsAndIsRemoved(clustering: ClusteringMode, seed: UInt64) throws {
        var run = try Self.run(clustering, seed: seed)
        let hasFormed = Self.run(&run, seconds: 60) { $0.simulation.isFormed && $0.simulation[0].clusterSize == 3 }
        #expect(hasFormed, "seed \(seed): \(run.simulation.clusterSizes)")
        #expect(run.simulation.memberCount == 3)
        var requests = 0
        while run.simulation[2].stored.enrolment == nil, requests < 20 {
            requests += 1
            run.feed(try Self.request(Self.enrolment), to: 0)
            _ = Self.run(&run, seconds: 3) { $0.simulation[2].stored.enrolment != nil }
        }
        let hasJoined = Self.run(&run, seconds: 60) { $0.simulation.isFormed && $0.simulation[0].clusterSize == 4 }
        #expect(hasJoined, "seed \(seed): \(run.simulation.clusterSizes) after \(requests) requests")
        #expect(run.simulation[2].identity.node == NodeID(77) && run.simulation.memberCount == 4)
        // It is the same after it lost its power.
        run.simulation.powerOff(2)
        _ = Self.run(&run, seconds: 3) { _ in false }
        run.simulation.powerOn(2)
        #expect(run.simulation[2].identity.node == NodeID(77))
        let isBack = Self.run(&run, seconds: 60) { $0.simulation.isFormed && $0.simulation[0].clusterSize == 4 }
        #expect(isBack, "seed \(seed)")
        run.feed(try Self.request(.removeEnrollment(SerialNumber(2))), to: 1)
        let isOut = Self.run(&run, seconds: 60) { $0.simulation.isFormed && $0.simulation[0].clusterSize == 3 }
        #expect(isOut && run.simulation[2].identity.network == .notEnrolled, "seed \(seed)")
        #expect(run.simulation.violation == nil, "seed \(seed): \(String(describing: run.simulation.violation))")
    }
}
