import MeshConfiguration
import MeshCore
import RadioFake
import RadioPort
import Testing

@testable import MeshSimulator

/// What controllers cannot do, and what goes wrong in them.
@Suite struct ControllerTests {
    private static func settings(_ controller: ControllerProfile) -> LowEnergySettings {
        var settings = LowEnergySettings.clear
        settings.controller = controller
        return settings
    }

    private static func capabilities(_ controller: ControllerProfile) throws -> RadioCapabilities {
        var bench = AirBench([(0, 0)], seed: 1, settings: settings(controller))
        bench.air.powerOn(0)
        bench.air.ask(0)
        bench.run(for: 0.1)
        guard case .ready(_, let capabilities, _)? = bench.heard.first?.event else {
            throw ConfigurationError(file: "", problem: "not ready")
        }
        return capabilities
    }

    @Test func profilesTellWhatTheyCanDo() throws {
        let csr = try Self.capabilities(.csr8510)
        #expect(csr.linksAsCentral == 5 && csr.linksAsPeripheral == 1 && !csr.dualRole && !csr.dataLength)
        for controller in [ControllerProfile.bcm43438, .bcm43455, .rtl8761b] {
            let capabilities = try Self.capabilities(controller)
            #expect(capabilities.linksAsCentral == 8 && capabilities.dualRole && !capabilities.extendedAdvertising)
        }
    }

    @Test(arguments: ControllerProfile.allCases)
    func someStopAdvertisingWhileTheyInitiate(controller: ControllerProfile) {
        var bench = AirBench([(0, 0), (10, 0), (20, 0)], seed: 1, settings: Self.settings(controller))
        bench.advertise(1, every: 20_000)
        bench.scan(0, every: 1_000_000, window: 1_000_000)
        bench.run(for: 1)
        let before = bench.reports(of: 1, at: 0).count
        #expect(before > 30)
        bench.connect(1, to: 2)
        bench.run(for: 0.1)
        bench.heard = []
        bench.run(for: 1)
        let pauses = ControllerTraits(controller).pausesAdvertising
        #expect(pauses == (controller != .ideal && controller != .csr8510))
        #expect(bench.reports(of: 1, at: 0).isEmpty == pauses)
        // When the attempt is over, it goes on.
        bench.run(for: 2)
        #expect(!bench.reports(of: 1, at: 0).isEmpty)
    }

    @Test func hostsHearLaterInTheOrderOfTheAir() {
        var bench = AirBench([(0, 0), (10, 0)], seed: 1, settings: Self.settings(.bcm43438))
        var ideal = AirBench([(0, 0), (10, 0)], seed: 1)
        for index in 0...1 {
            if index == 0 { bench.advertise(1, every: 20_000) } else { ideal.advertise(1, every: 20_000) }
        }
        bench.scan(0, every: 1_000_000, window: 1_000_000)
        ideal.scan(0, every: 1_000_000, window: 1_000_000)
        bench.run(for: 5)
        ideal.run(for: 5)
        let delays = zip(bench.reports(of: 1, at: 0), ideal.reports(of: 1, at: 0)).map { $0 - $1 }
        #expect(delays.count > 100)
        #expect(delays.allSatisfy { (1_499...3_501).contains($0) })
        #expect(Set(delays).count > 50)
    }

    @Test func aFullControllerRefusesAndAcceptsNoMore() throws {
        var bench = AirBench(AirBench.ring(6, radius: 10), seed: 1, settings: Self.settings(.csr8510))
        for index in 1...5 { try bench.link(0, to: index) }
        bench.heard = []
        bench.connect(0, to: 6)
        bench.run(for: 0.1)
        #expect(bench.heard.contains { if case .connectFailed(_, .limitReached) = $0.event { true } else { false } })
        bench.advertise(0, every: 20_000)
        bench.connect(6, to: 0)
        bench.run(for: 0.5)
        #expect(bench.air.stations[0].links.count == 5)
        #expect(bench.losses.first?.reason == .failedToEstablish)
    }

    /// A central that cannot be a peripheral at the same time does not answer who wants it as one.
    @Test func oneRoleAtATimeMeansThat() throws {
        for (controller, isPossible) in [(ControllerProfile.csr8510, false), (.rtl8761b, true)] {
            var bench = AirBench(AirBench.ring(2, radius: 10), seed: 1, settings: Self.settings(controller))
            try bench.link(0, to: 1)
            bench.advertise(0, every: 20_000)
            bench.connect(2, to: 0)
            bench.run(for: 0.5)
            #expect((bench.air.stations[0].links.count == 2) == isPossible)
        }
    }

    /// A controller of Bluetooth 4.0 is the peripheral of one central only.
    @Test func somePeripheralsHaveOneCentralOnly() throws {
        for (controller, isPossible) in [(ControllerProfile.csr8510, false), (.rtl8761b, true)] {
            var bench = AirBench(AirBench.ring(2, radius: 10), seed: 1, settings: Self.settings(controller))
            try bench.link(1, to: 0)
            bench.advertise(0, every: 20_000)
            bench.connect(2, to: 0)
            bench.run(for: 0.5)
            #expect((bench.air.stations[0].links.count == 2) == isPossible)
        }
    }

    @Test func connectCommandsFailAsOftenAsAsked() {
        var settings = LowEnergySettings.clear
        settings.failures.connectFailsPercent = 30
        var bench = AirBench([(0, 0), (10, 0)], seed: 2, settings: settings)
        var refused = 0
        for _ in 0..<1_000 {
            bench.heard = []
            bench.connect(0, to: 1, timeout: 1_000)
            bench.run(for: 0.003)
            refused += bench.heard.count {
                if case .connectFailed(_, .commandDisallowed) = $0.event { true } else { false }
            }
        }
        // Five standard deviations of 1,000 draws.
        #expect(abs(refused - 300) < 73, "seed 2: \(refused)")
    }

    @Test func stuckAdvertisingIsHeardByNobodyUntilItIsStartedAgain() {
        var settings = LowEnergySettings.clear
        settings.failures.stuckAdvertisingPercent = 50
        var bench = AirBench([(0, 0), (10, 0)], seed: 3, settings: settings)
        bench.scan(0, every: 1_000_000, window: 1_000_000)
        var silent = 0
        for _ in 0..<400 {
            bench.air.perform(.stopAdvertising, by: 1)
            bench.advertise(1, every: 20_000)
            bench.heard = []
            bench.run(for: 0.2)
            if bench.heard.isEmpty { silent += 1 }
        }
        #expect(abs(silent - 200) < 51, "seed 3: \(silent)")
    }

    @Test func silentControllersLoseTheirLinksAndComeBack() throws {
        var settings = LowEnergySettings.clear
        settings.failures.silentAfterMicroseconds = 20_000_000
        var bench = AirBench([(0, 0), (10, 0)], seed: 4, settings: settings)
        try bench.link(0, to: 1)
        bench.run(for: 60)
        let failed = try #require(bench.heard.first { if case .failed = $0.event { true } else { false } }, "seed 4")
        let ready = bench.heard.first {
            if $0.node == failed.node, $0.at > failed.at, case .ready = $0.event { true } else { false }
        }
        #expect((try #require(ready)).at - failed.at == 500_000)
        // The partner notices by supervision, before the host does.
        let loss = try #require(bench.losses.first { $0.node == 1 - failed.node })
        #expect(loss.reason == .connectionTimeout)
        #expect((980_000...1_016_000).contains(failed.at - loss.at), "seed 4: \(failed.at - loss.at)")
    }
}
