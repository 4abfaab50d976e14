import Testing

/// Other programs drive nodes over standard input and output.
@Suite struct CoSimulationTests {
    private static let script = Shell.root + "/Tests/CoSimulation/two_nodes.py"

    private static func twoNodes(seed: Int) throws -> Shell.Result {
        let python = try Shell.run("python3 --version")
        try #require(python.exitCode == 0, "python3 plays the other side of this test; install it")
        return try Shell.run("python3 \(script) \(try Shell.thicket()) --seed \(seed) 2>&1")
    }

    @Test(arguments: 1...5) func aScriptMakesTwoNodesOneCluster(seed: Int) throws {
        let run = try Self.twoNodes(seed: seed)
        #expect(run.exitCode == 0, "\(run.output)")
        #expect(run.output.hasPrefix(#"{"formed": true, "#), "\(run.output)")
        #expect(run.output.contains(#""cluster_size": 2, "#))
    }

    @Test func aSessionCanBeRepeated() throws {
        #expect(try Self.twoNodes(seed: 9).output == Self.twoNodes(seed: 9).output)
    }
}
