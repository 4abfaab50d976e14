import MeshConfiguration
import MeshCore
import MeshSimulator
import MeshWire
import RadioPort
import Testing

@testable import MeshCapture

/// A simulated mesh whose nodes are all recorded.
struct RecordedMesh {
    let simulation: Simulation
    let inputs: ContiguousArray<NodeInput>

    init(nodes: Int, seed: UInt64, clustering: ClusteringMode = .classic, seconds: UInt64, reboots: Bool = false) throws
    {
        let placement = try Placement(.random, nodes: nodes, seed: seed)
        var options = Simulation.Options()
        options.radio = .reference
        options.configuration = Configuration(clustering: clustering)
        options.recorded = Set(placement.sites.map(\.id))
        var simulation = Simulation(placement: placement, seed: seed, options: options)
        let half = Instant(microseconds: seconds * 500_000)
        simulation.run(until: half)
        if reboots { simulation.reboot(0) }
        simulation.run(until: half.advanced(byMicroseconds: seconds * 500_000))
        inputs = simulation.takeInputs()
        self.simulation = simulation
    }

    func header(of index: Int, includesKeys: Bool = true) -> RecordingHeader {
        RecordingHeader(
            program: "0.1.0",
            beganAt: 0,
            identity: simulation[index].identity,
            configuration: simulation[index].configuration,
            seed: simulation.seed(of: index),
            includesKeys: includesKeys
        )
    }

    /// The file of a node, and the recorder when it was done.
    @discardableResult
    func record(
        _ index: Int,
        in folder: Folder,
        name: String = "n",
        header: RecordingHeader? = nil,
        limit: Int = 1_000_000,
        ends: Bool = true,
        change: (Int, inout NodeInput) -> Void = { _, _ in }
    ) throws -> Recorder {
        let ring = FileRing(path: "\(folder.path)/\(name)")
        let recorder = try Recorder(header ?? self.header(of: index), in: ring, limit: limit)
        for (number, input) in inputs.filter({ $0.node == index }).enumerated() {
            var input = input
            change(number + 1, &input)
            recorder.take(input.input, at: input.at, outputs: input.outputs)
        }
        if ends { recorder.end(.stopped) }
        return recorder
    }
}
