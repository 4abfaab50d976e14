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

    /// Whoever keeps what radios tell has every advertisement told when it comes; otherwise nodes hear of them late.
    @Test(arguments: [ClusteringMode.classic, .graft], [0, 20_000_000] as [UInt64])
    func hearingLateDoesNotChangeWhatHappens(_ mode: ClusteringMode, lowAfter: UInt64) throws {
        var options = Simulation.Options()
        options.configuration = Configuration(clustering: mode)
        options.configuration.timing.highDiscoveryTimeout = lowAfter
        let placement = try Placement(.random, nodes: 25, seed: 5)
        var plain = Simulation(placement: placement, seed: 5, options: options)
        options.keepsRadioEvents = true
        var watched = Simulation(placement: placement, seed: 5, options: options)
        var heard = 0
        for second in 1...45 as ClosedRange<UInt64> {
            for index in [3, 9] where second == 30 {
                plain.powerOff(index)
                watched.powerOff(index)
            }
            if second == 36 {
                plain.powerOn(3)
                watched.powerOn(3)
                plain.reboot(5)
                watched.reboot(5)
            }
            plain.run(until: Instant(microseconds: second * 1_000_000))
            watched.run(until: Instant(microseconds: second * 1_000_000))
            for case .advertisement in watched.takeRadioEvents().map(\.event) { heard += 1 }
            #expect(plain.digest == watched.digest, "\(second) s")
            for index in 0..<plain.count {
                #expect(plain[index].judgements(at: plain.now) == watched[index].judgements(at: plain.now))
            }
        }
        #expect(plain.receptions == watched.receptions)
        #expect(heard > 1000)
    }
}
