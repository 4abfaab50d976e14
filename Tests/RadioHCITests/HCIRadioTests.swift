import ByteCoding
import LinuxSystem
import RadioHCI
import RadioPort
import Testing

/// The radio port over a controller at a socket.
@Suite struct HCIRadioTests {
    /// A radio and its controller on one loop, with all that the radio reported.
    private final class Bench {
        let loop: EventLoop
        let controller: FakeController
        private(set) var radio: HCIRadio?
        var events: [RadioEvent] = []
        var notices: [RadioNotice] = []
        var captured: [(packet: [UInt8], sent: Bool)] = []
        /// Called for every event.
        var react: (RadioEvent) -> Void = { _ in }

        init(randomAddress: UInt64? = nil) throws {
            loop = try EventLoop()
            controller = try FakeController(loop: loop)
            radio = HCIRadio(
                .init(endpoint: .unix(path: controller.path), randomAddress: randomAddress),
                loop: loop,
                observer: RadioObserver(
                    event: { [unowned self] event in
                        events.append(event)
                        react(event)
                    },
                    notice: { [unowned self] notice in notices.append(notice) },
                    packet: { [unowned self] packet, sent in captured.append((packet, sent)) }
                )
            )
        }

        var state: String { radio?.summary.state ?? "" }
        var readyCount: Int {
            events.count { event in
                if case .ready = event { true } else { false }
            }
        }

        func counter(_ name: String) -> UInt64? { radio?.counters.first { $0.name == name }?.value }

        /// Turns until it is so; seconds at most.
        func wait(
            _ seconds: UInt64 = 9,
            until condition: () -> Bool,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let deadline = loop.now.advanced(byMicroseconds: seconds * 1_000_000)
            while !condition() {
                guard loop.now < deadline else {
                    Issue.record("it does not happen: \(state), \(notices.map(\.text))", sourceLocation: sourceLocation)
                    throw Expired()
                }
                try loop.turn(waiting: 20_000)
            }
        }

        func startAndWait() throws {
            try radio?.start()
            try wait { state == "ready" }
        }

        func links() -> [LinkID] {
            events.compactMap { event in
                if case .connected(_, let link, _, _, _) = event { link } else { nil }
            }
        }
    }

    private struct Expired: Error {}

    private static let advertise = RadioCommand.advertise(
        data: AdvertisingData([2, 1, 6]),
        scanResponse: AdvertisingData(),
        connectable: true,
        intervalMicroseconds: 100_000
    )

    // MARK: - Coming up

    @Test func itBecomesReadyAndTellsWhatItIs() throws {
        let bench = try Bench()
        #expect(bench.state == "closed")
        try bench.radio?.start()
        #expect(bench.state == "starting")
        try bench.wait { bench.readyCount == 1 }
        guard case .ready(let address, let capabilities, _) = bench.events.first else {
            Issue.record("\(bench.events)")
            return
        }
        #expect(address == Address(value: 0x0102_0304_0506, kind: .public))
        #expect(capabilities.linkEncryption && capabilities.dataLength && !capabilities.extendedAdvertising)
        let summary = RadioSummary(
            kind: "h4",
            adapter: "h4:unix:\(bench.controller.path)",
            controller: "Bluetooth 5.4, Nordic",
            state: "ready"
        )
        #expect(bench.radio?.summary == summary)
        #expect(bench.notices == [RadioNotice(.info, "\(summary.adapter) is ready: Bluetooth 5.4, Nordic")])
        #expect(bench.controller.opcodes.first == 0x0C03)
        let counters = bench.radio?.counters ?? []
        #expect(counters.map(\.value).allSatisfy { $0 == 0 })
        #expect(
            counters.map(\.name) == [
                "malformed_packets", "dropped_frames", "dropped_attribute_packets", "refused_commands",
                "queue_overflows", "controller_faults", "transports_lost", "recovery_stop_scan", "recovery_reset",
                "recovery_reopen", "recovery_power_cycle", "recovery_back_off", "replugs",
            ]
        )
    }

    @Test func aRandomAddressIsSetAndReported() throws {
        let bench = try Bench(randomAddress: 0xC000_0000_0007)
        try bench.startAndWait()
        guard case .ready(let address, _, _) = bench.events.first else {
            Issue.record("\(bench.events)")
            return
        }
        #expect(address == Address(value: 0xC000_0000_0007, kind: .random))
        #expect(bench.controller.packets.contains([1, 0x05, 0x20, 6, 7, 0, 0, 0, 0, 0xC0]))
    }

    @Test func packetsAreSeenInBothDirectionsAndInOrder() throws {
        let bench = try Bench()
        try bench.startAndWait()
        let sent = bench.captured.filter(\.sent).map(\.packet)
        #expect(sent == bench.controller.packets)
        #expect(bench.captured.first?.packet == [1, 0x03, 0x0C, 0])
        let second = bench.captured.dropFirst().first
        #expect(second?.packet == [4, 0x0E, 4, 1, 0x03, 0x0C, 0] && second?.sent == false)
        // Each command has one answer.
        #expect(bench.captured.count == 2 * sent.count)
    }

    @Test func nobodyAtTheSocketIsAnErrorWithAWayOut() throws {
        let bench = try Bench()
        bench.controller.stopListening()
        #expect(
            throws: RadioError(
                operation: "open h4:unix:\(bench.controller.path)",
                cause: "No such file or directory",
                advice: "start the controller there, or name another radio"
            )
        ) { try bench.radio?.start() }
        #expect(bench.state == "closed")
    }

    // MARK: - Service

    @Test func eventsReachTheObserverAndCommandsTheController() throws {
        let bench = try Bench()
        // Commands from inside an event are taken too.
        bench.react = { event in
            if case .ready = event { bench.radio?.perform(Self.advertise) }
        }
        try bench.startAndWait()
        try bench.wait { bench.controller.opcodes.last == 0x200A }
        bench.controller.event(0x3E, [2, 1, 0, 1, 7, 0, 0, 0, 0, 0xC0, 3, 2, 1, 6, 0xC4])
        let heard = RadioEvent.advertisement(
            address: Address(value: 0xC000_0000_0007, kind: .random),
            rssi: -60,
            connectable: true,
            data: AdvertisingData([2, 1, 6])
        )
        try bench.wait { bench.events.last == heard }
        bench.controller.connected(handle: 0x40, role: 1)
        try bench.wait { bench.links().count == 1 }
        bench.controller.event(0x05, [0, 0x40, 0, 0x08])
        try bench.wait { bench.events.last == .disconnected(link: bench.links()[0], reason: .connectionTimeout) }
        bench.react = { _ in }
    }

    @Test func whatCannotBeReadIsCounted() throws {
        let bench = try Bench()
        try bench.startAndWait()
        bench.controller.send([4, 0x05, 1, 0])
        try bench.wait { bench.counter("malformed_packets") == 1 }
        bench.radio?.perform(.disconnect(link: LinkID(rawValue: 77), reason: .remoteUserTerminated))
        #expect(bench.counter("refused_commands") == 1)
        #expect(bench.state == "ready")
    }

    // MARK: - Recovery

    @Test func aBrokenControllerIsResetAndIsBack() throws {
        let bench = try Bench()
        try bench.startAndWait()
        bench.controller.forget()
        bench.controller.event(0x10, [0x42])
        try bench.wait { bench.readyCount == 2 }
        #expect(Array(bench.controller.opcodes.prefix(2)) == [0x200C, 0x0C03])
        #expect(bench.events.dropLast().last == .failed(HCIStatus(rawValue: 0x03)))
        #expect(bench.controller.connections == 1)
        #expect(bench.counter("controller_faults") == 1)
        #expect(bench.counter("recovery_stop_scan") == 1)
        #expect(bench.counter("recovery_reset") == 1)
        #expect(bench.counter("recovery_reopen") == 0)
        let texts = bench.notices.filter { $0.level == .warning }.map(\.text)
        let name = "h4:unix:\(bench.controller.path)"
        #expect(
            texts == [
                "\(name): the controller reports hardware error 66", "\(name): asking it to stop scanning",
                "\(name): resetting it",
            ]
        )
    }

    @Test(arguments: [true, false])
    func linksAreEndedBeforeTheReset(endsLinks: Bool) throws {
        let bench = try Bench()
        try bench.startAndWait()
        bench.controller.connected(handle: 0x40, role: 1)
        bench.controller.connected(handle: 0x41, role: 1)
        try bench.wait { bench.links().count == 2 }
        bench.controller.endsLinks = endsLinks
        bench.controller.forget()
        bench.controller.event(0x10, [0x42])
        try bench.wait { bench.readyCount == 2 }
        #expect(Array(bench.controller.opcodes.prefix(4)) == [0x200C, 0x0406, 0x0406, 0x0C03])
        #expect(
            Array(bench.controller.packets[1...2]) == [
                [1, 0x06, 0x04, 3, 0x40, 0, 0x15], [1, 0x06, 0x04, 3, 0x41, 0, 0x15],
            ]
        )
        #expect(bench.counter("controller_faults") == 1)
    }

    /// Two commands of two seconds go unanswered before the transport is opened again.
    @Test func aSilentControllerClimbsTheLadderUntilItAnswers() throws {
        let bench = try Bench()
        try bench.startAndWait()
        bench.controller.isSilent = true
        bench.controller.connectingWakesIt = true
        bench.controller.forget()
        bench.radio?.perform(Self.advertise)
        try bench.wait { bench.state == "resetting" }
        #expect(bench.events.last == .failed(.connectionTimeout))
        // While it is not there, an attempt is answered at once.
        bench.radio?.perform(
            .connect(
                token: ConnectToken(rawValue: 5),
                address: Address(value: 1, kind: .public),
                parameters: ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100),
                scan: ScanTiming(intervalMicroseconds: 75_000, windowMicroseconds: 37_500),
                timeoutMicroseconds: 2_000_000
            )
        )
        #expect(bench.events.last == .connectFailed(token: ConnectToken(rawValue: 5), reason: .commandDisallowed))
        try bench.wait { bench.readyCount == 2 }
        #expect(bench.state == "ready")
        #expect(bench.controller.connections == 2)
        // The advertisement, stop scan, reset; then the reset on the new transport.
        #expect(Array(bench.controller.opcodes.prefix(4)) == [0x2006, 0x200C, 0x0C03, 0x0C03])
        let steps = ["stop_scan", "reset", "reopen", "power_cycle", "back_off"].map { bench.counter("recovery_\($0)") }
        #expect(steps == [1, 1, 1, 0, 0])
        #expect(bench.counter("controller_faults") == 2)
        #expect(bench.counter("transports_lost") == 0)
    }

    @Test func aConnectionThatIsLostIsOpenedAgain() throws {
        let bench = try Bench()
        try bench.startAndWait()
        bench.controller.hangUp()
        try bench.wait { bench.readyCount == 2 }
        #expect(bench.controller.connections == 2)
        #expect(bench.counter("transports_lost") == 1)
        #expect(bench.counter("recovery_reopen") == 1)
        #expect(bench.counter("recovery_stop_scan") == 0)
        #expect(bench.counter("controller_faults") == 0)
        let failures = bench.events.filter { $0 == .failed(.connectionTimeout) }
        #expect(failures.count == 1)
        #expect(
            bench.notices.contains(
                RadioNotice(
                    .warning,
                    "h4:unix:\(bench.controller.path) is gone: the other end closed the connection"
                )
            )
        )
    }

    @Test func aControllerThatComesBackLaterIsFound() throws {
        let bench = try Bench()
        try bench.startAndWait()
        bench.controller.stopListening()
        bench.controller.hangUp()
        // Both steps without a wait fail; the next one comes after a second.
        try bench.wait { bench.counter("recovery_back_off") == 1 }
        #expect(bench.state == "gone")
        try bench.controller.listen()
        try bench.wait { bench.readyCount == 2 }
        #expect(bench.state == "ready")
        #expect(bench.counter("transports_lost") == 1)
        // There is no power to switch at a socket.
        #expect(bench.counter("recovery_power_cycle") == 0)
    }

    @Test func bytesWithoutSenseLeadToANewConnection() throws {
        let bench = try Bench()
        try bench.startAndWait()
        bench.controller.send([0x99, 0x98, 0x97])
        try bench.wait { bench.readyCount == 2 }
        #expect(bench.controller.connections == 2)
        #expect(bench.counter("transports_lost") == 1)
    }

    // MARK: - The end

    @Test func stoppingEndsEveryLinkInGoodOrder() throws {
        let bench = try Bench()
        try bench.startAndWait()
        for handle in 0x40...0x42 as ClosedRange<UInt8> { bench.controller.connected(handle: handle, role: handle & 1) }
        try bench.wait { bench.links().count == 3 }
        bench.controller.forget()
        var completions = 0
        bench.radio?.stop { completions += 1 }
        // A second time changes nothing.
        bench.radio?.stop { Issue.record("the second completion is called") }
        #expect(bench.state == "stopping")
        #expect(completions == 0)
        try bench.wait(2) { completions == 1 }
        let disconnects = bench.controller.packets.filter { $0[1] == 0x06 && $0[2] == 0x04 }
        #expect(disconnects == (0x40...0x42).map { [1, 0x06, 0x04, 3, $0, 0, 0x13] })
        #expect(bench.state == "closed")
        let ended = bench.events.count { event in
            if case .disconnected(_, .localHostTerminated) = event { true } else { false }
        }
        #expect(ended == 3)
        // Nothing goes on afterwards.
        for _ in 0..<10 { try bench.loop.turn(waiting: 10_000) }
        #expect(completions == 1)
        #expect(bench.controller.connections == 1)
        #expect(bench.readyCount == 1)
    }

    @Test func aControllerThatEndsNoLinkDoesNotHoldUpTheEnd() throws {
        let bench = try Bench()
        try bench.startAndWait()
        bench.controller.connected(handle: 0x40, role: 1)
        try bench.wait { bench.links().count == 1 }
        bench.controller.endsLinks = false
        var isDone = false
        bench.radio?.stop { isDone = true }
        try bench.wait(2) { isDone }
        #expect(bench.controller.packets.contains([1, 0x06, 0x04, 3, 0x40, 0, 0x13]))
        #expect(bench.state == "closed")
    }

    @Test func aControllerThatVanishesMeanwhileDoesNotHoldUpTheEnd() throws {
        let bench = try Bench()
        try bench.startAndWait()
        bench.controller.connected(handle: 0x40, role: 1)
        try bench.wait { bench.links().count == 1 }
        bench.controller.isSilent = true
        var completions = 0
        bench.radio?.stop { completions += 1 }
        bench.controller.hangUp()
        try bench.wait(2) { completions == 1 }
        for _ in 0..<10 { try bench.loop.turn(waiting: 10_000) }
        #expect(completions == 1)
        #expect(bench.controller.connections == 1)
    }

    @Test func stoppingBeforeItIsReadyEndsAtOnce() throws {
        let bench = try Bench()
        bench.controller.isSilent = true
        try bench.radio?.start()
        var isDone = false
        bench.radio?.stop { isDone = true }
        #expect(isDone)
        #expect(bench.state == "closed")
        for _ in 0..<5 { try bench.loop.turn(waiting: 10_000) }
        #expect(bench.events.isEmpty)
    }

    @Test func itMayBeStoppedFromInsideAnEvent() throws {
        let bench = try Bench()
        bench.controller.isSilent = true
        try bench.radio?.start()
        try bench.wait { !bench.controller.packets.isEmpty }
        var isDone = false
        bench.react = { _ in bench.radio?.stop { isDone = true } }
        // The transport is in the middle of reading when it is let go.
        bench.controller.send([4, 0x10, 1, 0x42, 4, 0x10, 1, 0x43])
        try bench.wait { isDone }
        for _ in 0..<10 { try bench.loop.turn(waiting: 1000) }
        #expect(bench.events == [.failed(HCIStatus(rawValue: 0x03))])
        #expect(bench.state == "closed")
        bench.react = { _ in }
    }

    @Test func stoppingDuringARecoveryEndsIt() throws {
        let bench = try Bench()
        try bench.startAndWait()
        bench.controller.stopListening()
        bench.controller.hangUp()
        try bench.wait { bench.counter("recovery_back_off") == 1 }
        var isDone = false
        bench.radio?.stop { isDone = true }
        #expect(isDone)
        try bench.controller.listen()
        // Longer than the wait that was under way.
        let end = bench.loop.now.advanced(byMicroseconds: 1_200_000)
        while bench.loop.now < end { try bench.loop.turn(waiting: 50_000) }
        #expect(bench.controller.connections == 1)
        #expect(bench.state == "closed")
    }
}
