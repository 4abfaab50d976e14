import ByteCoding
import MeshConfiguration
import MeshCore
import RadioPort
import Testing

@testable import MeshSimulator

@Suite struct DeterminismTests {
    private func run(_ seed: UInt64, checks: Bool = false, tracing: Bool = false) throws -> FormationRun {
        var options = Simulation.Options()
        options.radio = .reference
        options.checksInvariants = checks
        options.configuration.tracing = tracing
        return FormationRun(
            placement: try Placement(.random, nodes: 12, seed: seed),
            seed: seed,
            limit: Instant(microseconds: 120_000_000),
            options: options
        )
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func sameSeedGivesTheSameDigest(seed: UInt64) throws {
        #expect(try run(seed).digest == run(seed).digest)
    }

    @Test func otherSeedsGiveOtherDigests() throws {
        let digests = try (1...6 as ClosedRange<UInt64>).map { try run($0).digest }
        #expect(Set(digests).count == 6)
    }

    /// A snapshot: the same on every machine, in debug and in release.
    ///
    /// A change of behaviour changes it, on purpose.
    private static let pinnedDigest: UInt64 = 0x51E4_25F9_9477_D4FD

    @Test func digestIsThatOfTheSnapshot() throws {
        let digest = try run(1).digest
        #expect(digest == Self.pinnedDigest, "digest is now 0x\(Hex.encode(digest))")
    }

    @Test func watchingDoesNotChangeWhatHappens() throws {
        let plain = try run(3)
        let watched = try run(3, checks: true, tracing: true)
        #expect(watched.violation == nil)
        #expect(watched.digest == plain.digest)
        #expect(watched.formedAt == plain.formedAt)
    }
}
