import BluetoothHost
import BluetoothWire
import ByteCoding
import RadioPort
import TestSupport
import Testing

@Suite struct HostTests {
    private let parameters = ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100)
    private let timing = ScanTiming(intervalMicroseconds: 75_000, windowMicroseconds: 37_500)
    private let key = Key128(repeating: 0x22)
    private let peer = Address(value: ControllerPair.addresses[1], kind: .public)

    private var advertise: RadioCommand {
        .advertise(
            data: AdvertisingData([2, 1, 6]),
            scanResponse: AdvertisingData(),
            connectable: true,
            intervalMicroseconds: 100_000
        )
    }

    private func connect(_ token: UInt32 = 1) -> RadioCommand {
        .connect(
            token: ConnectToken(rawValue: token),
            address: peer,
            parameters: parameters,
            scan: timing,
            timeoutMicroseconds: 2_000_000
        )
    }

    /// Side 0 is central of a link to side 1.
    private func linked() -> ControllerPair {
        var pair = ControllerPair()
        pair.start()
        pair.perform(advertise, 1)
        pair.perform(connect(), 0)
        return pair
    }

    @Test(arguments: [27, 251, 0] as [UInt8])
    func setUpEndsWithReady(bufferSize: UInt8) {
        var pair = ControllerPair()
        pair.bufferSize = bufferSize
        pair.start()
        #expect(pair.events[0].count == 1)
        guard case .ready(let address, let capabilities, let handles) = pair.events[0].first else {
            Issue.record("no ready")
            return
        }
        #expect(address == Address(value: ControllerPair.addresses[0], kind: .public))
        #expect(capabilities.linkEncryption && capabilities.dataLength)
        #expect(handles == AttributeDatabase.handles)
    }

    @Test func advertisementsAreHeard() {
        var pair = ControllerPair()
        pair.start()
        pair.perform(.scan(timing), 0)
        pair.perform(advertise, 1)
        let heard = RadioEvent.advertisement(
            address: peer,
            rssi: -60,
            connectable: true,
            data: AdvertisingData([2, 1, 6])
        )
        #expect(pair.events[0].last == heard)
        // Other data on the same parameters is one command.
        let before = pair.opcodes[1].count
        pair.perform(
            .advertise(
                data: AdvertisingData([2, 1, 4]),
                scanResponse: AdvertisingData(),
                connectable: true,
                intervalMicroseconds: 100_000
            ),
            1
        )
        #expect(pair.opcodes[1].dropFirst(before) == [.leSetAdvertisingData])
    }

    @Test func timingThatChangesMeanwhileIsNotTakenForTheOneOnAir() {
        var host = ControllerPair.readyHost()
        var outputs: [HostOutput] = []
        host.perform(.scan(timing), at: .zero, into: &outputs)
        let other = ScanTiming(intervalMicroseconds: 250_000, windowMicroseconds: 2_500)
        host.perform(.scan(other), at: .zero, into: &outputs)
        // The controller answers the first timing only now: the second one is still to be told.
        outputs = []
        host.receive([4, 0x0E, 4, 1, 0x0B, 0x20, 0], at: .zero, into: &outputs)
        #expect(outputs == [.packet([1, 0x0B, 0x20, 7, 0, 0x90, 1, 4, 0, 0, 0])])
    }

    @Test func linkComesUpAndGoesDownAtBothEnds() {
        var pair = linked()
        let link = LinkID(rawValue: 1)
        let up = RadioEvent.connected(
            token: ConnectToken(rawValue: 1),
            link: link,
            role: .central,
            address: peer,
            parameters: parameters
        )
        #expect(pair.events[0].last == up)
        guard case .connected(.incoming, link, .peripheral, _, parameters) = pair.events[1].last else {
            Issue.record("no incoming link: \(pair.events[1])")
            return
        }
        pair.perform(.disconnect(link: link, reason: .remoteUserTerminated), 0)
        #expect(pair.events[0].last == .disconnected(link: link, reason: .localHostTerminated))
        #expect(pair.events[1].last == .disconnected(link: link, reason: .remoteUserTerminated))
        // The next link has another number.
        pair.perform(advertise, 1)
        pair.perform(connect(2), 0)
        #expect(pair.link(0) == LinkID(rawValue: 2))
    }

    @Test func encryptionTakesTheSameKeyAtBothEnds() {
        var pair = linked()
        pair.perform(.encrypt(link: pair.link(0), key: key), 0)
        #expect(pair.events[1].last == .keyRequested(link: pair.link(1)))
        pair.perform(.answerKey(link: pair.link(1), key: key), 1)
        #expect(pair.events[0].last == .encrypted(link: pair.link(0), status: .success))
        #expect(pair.events[1].last == .encrypted(link: pair.link(1), status: .success))
    }

    @Test func anotherKeyEndsTheLinkAndNoKeyDoesNot() {
        var pair = linked()
        pair.perform(.encrypt(link: pair.link(0), key: key), 0)
        pair.perform(.answerKey(link: pair.link(1), key: nil), 1)
        #expect(pair.events[0].last == .encrypted(link: pair.link(0), status: .keyMissing))
        pair.perform(.encrypt(link: pair.link(0), key: key), 0)
        pair.perform(.answerKey(link: pair.link(1), key: Key128(repeating: 0x23)), 1)
        #expect(pair.events[0].last == .disconnected(link: pair.link(0), reason: .micFailure))
    }

    @Test(arguments: [27, 251] as [UInt8])
    func writesArriveWholeInOrderAndAreCounted(bufferSize: UInt8) {
        var pair = ControllerPair()
        pair.bufferSize = bufferSize
        pair.start()
        pair.perform(advertise, 1)
        pair.perform(connect(), 0)
        pair.perform(.exchangeMTU(link: pair.link(0), mtu: 63), 0)
        #expect(pair.events[0].last == .mtu(link: pair.link(0), value: 63))
        #expect(pair.events[1].last == .mtu(link: pair.link(1), value: 63))
        let handle = AttributeDatabase.handles.meshValue
        for number in 0..<20 as Range<UInt8> {
            let value = AttributeValue([UInt8](repeating: number, count: 60))
            pair.perform(.write(link: pair.link(0), handle: handle, value: value, kind: .command), 0)
        }
        var numbers: [UInt8] = []
        for case .written(_, handle, let value, .command) in pair.events[1] where value.count == 60 {
            numbers.append(value[0])
        }
        #expect(numbers == Array(0..<20))
        var sent = 0
        for case .sent(_, let count) in pair.events[0] { sent += Int(count) }
        #expect(sent == 20)
        #expect(pair.packetsHeldMost <= Int(pair.buffers))
    }

    @Test func writeRequestsNeedEncryptionAndAreConfirmed() {
        var pair = linked()
        let write = RadioCommand.write(
            link: pair.link(0),
            handle: AttributeDatabase.handles.meshValue,
            value: AttributeValue([0x14, 1]),
            kind: .request
        )
        pair.perform(.encrypt(link: pair.link(0), key: key), 0)
        pair.perform(.answerKey(link: pair.link(1), key: key), 1)
        pair.perform(write, 0)
        #expect(pair.events[0].last == .writeConfirmed(link: pair.link(0)))
        guard case .written(_, _, _, .request) = pair.events[1].last else {
            Issue.record("not written")
            return
        }
        var open = linked()
        open.perform(write, 0)
        #expect(open.events[0].last == .disconnected(link: open.link(0), reason: .localHostTerminated))
    }

    @Test(arguments: [0, 1])
    func servicesAreFoundFromBothEnds(side: Int) {
        var pair = linked()
        pair.perform(.discover(link: pair.link(side), service: .meshAccess), side)
        guard case .discovered(_, .meshAccess, let access?) = pair.events[side].last else {
            Issue.record("not found")
            return
        }
        #expect(access.accessReceive == AttributeDatabase.handles.accessReceive)
        #expect(access.accessTransmit == AttributeDatabase.handles.accessTransmit)
        #expect(access.accessConfiguration == AttributeDatabase.handles.accessConfiguration)
        pair.perform(.discover(link: pair.link(side), service: .mesh), side)
        guard case .discovered(_, .mesh, let mesh?) = pair.events[side].last else {
            Issue.record("not found")
            return
        }
        #expect(mesh.meshValue == AttributeDatabase.handles.meshValue)
    }

    @Test func notificationsReachTheCentral() {
        var pair = linked()
        let handle = AttributeDatabase.handles.accessTransmit
        pair.perform(.notify(link: pair.link(1), handle: handle, value: AttributeValue([1, 2])), 1)
        #expect(
            pair.events[0].last
                == .notified(link: pair.link(0), handle: handle, value: AttributeValue([1, 2]))
        )
    }

    @Test func peripheralAsksForOtherParameters() {
        var pair = linked()
        let slow = ConnectionParameters(interval: 72, latency: 0, supervisionTimeout: 200)
        pair.perform(.updateParameters(link: pair.link(1), parameters: slow), 1)
        #expect(pair.events[0].last == .parametersRequested(link: pair.link(0), parameters: slow))
        pair.perform(.updateParameters(link: pair.link(0), parameters: slow), 0)
        #expect(pair.events[0].last == .parametersChanged(link: pair.link(0), parameters: slow))
        #expect(pair.events[1].last == .parametersChanged(link: pair.link(1), parameters: slow))
    }

    // MARK: - Attempts

    @Test func attemptTimesOutAndTheNextOneWorks() {
        var pair = ControllerPair()
        pair.start()
        pair.perform(.scan(timing), 0)
        pair.perform(connect(7), 0)
        pair.perform(connect(8), 0)
        #expect(
            pair.events[0].last == .connectFailed(token: ConnectToken(rawValue: 8), reason: .commandDisallowed)
        )
        pair.pass(2_000_000)
        #expect(
            pair.events[0].last == .connectFailed(token: ConnectToken(rawValue: 7), reason: .connectionTimeout)
        )
        pair.perform(advertise, 1)
        pair.perform(connect(9), 0)
        #expect(pair.link(0) == LinkID(rawValue: 1))
    }

    @Test func cancelledAttemptFails() {
        var pair = ControllerPair()
        pair.start()
        pair.perform(connect(7), 0)
        pair.perform(.cancelConnect, 0)
        guard case .connectFailed(ConnectToken(rawValue: 7), _) = pair.events[0].last else {
            Issue.record("\(pair.events[0])")
            return
        }
    }

    @Test func aCancelledAttemptWithoutAnOutcomeIsAFault() {
        var pair = ControllerPair()
        pair.tellsCancelled = false
        pair.start()
        pair.perform(connect(), 0)
        pair.perform(.cancelConnect, 0)
        pair.pass(3_999_999)
        #expect(pair.faults[0].isEmpty)
        pair.pass(1)
        #expect(pair.faults[0] == [.stuck])
    }

    @Test func aRefusedCancellationEndsTheAttemptAndIsAFaultWithoutLinks() {
        var pair = ControllerPair()
        pair.start()
        pair.refusals[0][.leCreateConnectionCancel] = 0x0C
        pair.perform(connect(), 0)
        pair.perform(.cancelConnect, 0)
        let failure = RadioEvent.connectFailed(token: ConnectToken(rawValue: 1), reason: .connectionTimeout)
        #expect(!pair.events[0].contains(failure) && pair.faults[0].isEmpty)
        pair.pass(200_000)
        #expect(pair.events[0].contains(failure))
        #expect(pair.faults[0] == [.stuck])
    }

    @Test func aControllerThatNobodyConnectsToAfterAFailedAttemptIsTakenForStuck() {
        var pair = ControllerPair()
        pair.start()
        pair.perform(advertise, 0)
        pair.perform(connect(), 0)
        pair.perform(.cancelConnect, 0)
        pair.pass(19_999_999)
        #expect(pair.faults[0].isEmpty)
        pair.pass(1)
        #expect(pair.faults[0] == [.stuck])
    }

    @Test func aControllerWithoutAttemptsMayWaitForEver() {
        var pair = ControllerPair()
        pair.start()
        pair.perform(advertise, 0)
        pair.pass(600_000_000)
        #expect(pair.faults[0].isEmpty)
    }

    @Test func aLinkAfterAFailedAttemptShowsThatTheControllerWorks() {
        var pair = ControllerPair()
        pair.start()
        pair.perform(connect(), 0)
        pair.perform(.cancelConnect, 0)
        pair.pass(10_000_000)
        pair.perform(advertise, 0)
        pair.perform(connect(), 1)
        #expect(pair.events[0].contains { if case .connected = $0 { true } else { false } })
        pair.pass(60_000_000)
        #expect(pair.faults[0].isEmpty)
    }

    @Test func attemptsThatAllComeToNothingAreAFault() {
        var pair = ControllerPair()
        pair.start()
        for token in 1...3 as ClosedRange<UInt32> {
            #expect(pair.faults[0].isEmpty)
            pair.perform(connect(token), 0)
            pair.pass(10_000_000)
        }
        #expect(pair.faults[0] == [.stuck])
    }

    @Test func centralAsksWhatThePeersLinkLayerCanDo() {
        var pair = ControllerPair()
        pair.start()
        pair.perform(advertise, 1)
        pair.perform(connect(), 0)
        #expect(pair.opcodes[0].contains(.leReadRemoteFeatures))
        #expect(!pair.opcodes[1].contains(.leReadRemoteFeatures))
    }

    @Test func aFullControllerTeachesItsLimit() {
        var pair = ControllerPair()
        pair.start()
        pair.refusals[0][.leCreateConnection] = 0x0D
        pair.perform(connect(), 0)
        guard case .capabilitiesChanged(let capabilities) = pair.events[0].dropLast().last else {
            Issue.record("\(pair.events[0])")
            return
        }
        #expect(capabilities.linksAsCentral == 0)
    }

    @Test func advertisingGivesWayToAnAttemptWhereBothAreTooMuch() {
        var pair = ControllerPair()
        pair.start()
        pair.perform(advertise, 0)
        pair.refusals[0][.leCreateConnection] = 0x0C
        pair.perform(connect(), 0)
        // Off, the attempt again, and on again once that is over.
        let last = pair.opcodes[0].suffix(3)
        #expect(last == [.leSetAdvertisingEnable, .leCreateConnection, .leSetAdvertisingEnable])
        #expect(
            pair.events[0].last == .connectFailed(token: ConnectToken(rawValue: 1), reason: .commandDisallowed)
        )
    }

    @Test func advertisingRefusedBesideALinkTeachesThat() {
        var pair = linked()
        pair.refusals[0][.leSetAdvertisingEnable] = 0x0C
        pair.perform(advertise, 0)
        guard case .capabilitiesChanged(let capabilities) = pair.events[0].last else {
            Issue.record("\(pair.events[0])")
            return
        }
        #expect(!capabilities.advertiseWhileLinked)
    }

    // MARK: - Faults

    @Test func aSilentControllerIsGivenUpAndAStartBringsItBack() {
        var pair = linked()
        pair.isSilent[0] = true
        pair.perform(.disconnect(link: pair.link(0), reason: .remoteUserTerminated), 0)
        pair.pass(1_999_999)
        #expect(pair.faults[0].isEmpty)
        pair.pass(1)
        #expect(pair.faults[0] == [.silent(opcode: HCIOpcode.disconnect.rawValue)])
        #expect(pair.events[0].last == .failed(.connectionTimeout))
        pair.isSilent[0] = false
        pair.start()
        guard case .ready = pair.events[0].last else {
            Issue.record("not ready again")
            return
        }
    }

    @Test func aHardwareErrorIsAFault() {
        var pair = ControllerPair()
        pair.start()
        pair.inject([4, 0x10, 1, 0x42], 0)
        #expect(pair.faults[0] == [.hardware(code: 0x42)])
        #expect(pair.hosts[0].nextDeadline == nil)
    }

    @Test func linksEndBeforeAResetSoThatPeersDoNotHoldThem() {
        var pair = linked()
        let link = pair.link(1)
        pair.inject([4, 0x10, 1, 0x42], 0)
        pair.opcodes[0] = []
        pair.restart(0)
        #expect(Array(pair.opcodes[0].prefix(2)) == [.disconnect, .reset])
        #expect(pair.events[1].last == .disconnected(link: link, reason: HCIStatus(rawValue: 0x15)))
        // The owner was told by `failed` already.
        #expect(
            !pair.events[0].contains { if case .disconnected = $0 { true } else { false } }
        )
        guard case .ready = pair.events[0].last else {
            Issue.record("\(pair.events[0])")
            return
        }
        // Nothing is left over for the next time.
        pair.inject([4, 0x10, 1, 0x42], 0)
        pair.opcodes[0] = []
        pair.restart(0)
        #expect(pair.opcodes[0].first == .reset)
    }

    @Test func aLinkThatTheControllerDoesNotKnowHoldsNothingUp() {
        var pair = linked()
        pair.inject([4, 0x10, 1, 0x42], 0)
        pair.opcodes[0] = []
        pair.refusals[0][.disconnect] = 0x02
        pair.restart(0)
        #expect(Array(pair.opcodes[0].prefix(2)) == [.disconnect, .reset])
    }

    @Test func aControllerThatEndsNoLinksIsResetInTime() {
        var pair = linked()
        pair.inject([4, 0x10, 1, 0x42], 0)
        pair.isSilent[0] = true
        pair.restart(0)
        pair.pass(199_999)
        pair.isSilent[0] = false
        pair.opcodes[0] = []
        pair.pass(0)
        #expect(pair.opcodes[0].isEmpty && pair.hosts[0].nextDeadline == pair.now.advanced(byMicroseconds: 1))
        pair.pass(1)
        #expect(pair.opcodes[0].first == .reset)
        #expect(pair.faults[0].count == 1)
        guard case .ready = pair.events[0].last else {
            Issue.record("\(pair.events[0])")
            return
        }
    }

    @Test func aPeerThatComesAnewHasLostTheLinkBefore() {
        var pair = linked()
        let link = pair.link(1)
        // From the peer of that link, and from another.
        func complete(_ handle: UInt8, _ last: UInt8) -> [UInt8] {
            [4, 0x3E, 19, 1, 0, handle, 0, 1, 0, last, 0, 0xF0, 0xDC, 0x1B, 0, 12, 0, 0, 0, 100, 0, 0]
        }
        pair.inject(complete(0x50, 9), 1)
        #expect(pair.hosts[1].linkCount == 2)
        pair.opcodes[1] = []
        pair.inject(complete(0x51, 1), 1)
        #expect(pair.hosts[1].linkCount == 2)
        #expect(pair.events[1].dropLast().last == .disconnected(link: link, reason: .connectionTimeout))
        #expect(pair.link(1) != link)
        #expect(!pair.opcodes[1].contains(.disconnect))
        // What is said of the old one later is about nothing.
        let before = pair.events[1]
        pair.inject([4, 0x05, 4, 0, UInt8(ControllerPair.handle), 0, 0x08], 1)
        #expect(pair.events[1] == before)
    }

    // MARK: - Peers

    /// A frame from the other end, as its host's packets arrive.
    private func frame(_ channel: UInt16, _ payload: [UInt8]) -> [UInt8] {
        let handle = ConnectionHandle(rawValue: ControllerPair.handle)
        return L2CAPFragments.packets(of: payload, to: channel, over: handle, packetSize: 251)[0]
    }

    @Test func pairingIsRefusedOnce() {
        var pair = linked()
        pair.inject(frame(L2CAPChannel.security, [0x01, 3, 0, 1, 16, 0, 0]), 1)
        // The answer reached the other host, which does not answer a refusal.
        #expect(pair.hosts[0].counters == HostCounters())
    }

    @Test func whatMakesNoSenseIsCountedAndChangesNothing() {
        var pair = linked()
        let before = pair.events[0]
        pair.inject([9, 1, 2], 0)
        pair.inject([4, 0x3E, 9, 1], 0)
        pair.inject([2, 0x40], 0)
        pair.inject(frame(4, []), 0)
        pair.inject(frame(4, [0x13]), 0)
        pair.inject(frame(77, [1]), 0)
        pair.inject(frame(5, [0x12, 0, 0, 0]), 0)
        #expect(pair.events[0] == before)
        let counters = pair.hosts[0].counters
        #expect(counters.malformedPackets == 3)
        #expect(counters.droppedAttributePackets == 2)
        #expect(counters.droppedFrames == 2)
    }

    @Test(arguments: [31 as UInt64, 32, 33, 34])
    func noPacketInAnyStateTraps(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var host = Host()
        var now = Instant.zero
        for _ in 0..<20_000 {
            now = now.advanced(byMicroseconds: UInt64(random.below(50_000)))
            var outputs: [HostOutput] = []
            switch random.below(12) {
            case 0 where random.below(2) == 0: host.restart(at: now, into: &outputs)
            case 0: host.start(at: now, into: &outputs)
            case 1: host.wake(at: now, into: &outputs)
            case 2: host.perform(advertise, at: now, into: &outputs)
            case 3: host.perform(connect(), at: now, into: &outputs)
            case 4:
                let link = LinkID(rawValue: UInt32(random.below(4)))
                host.perform(.disconnect(link: link, reason: .remoteUserTerminated), at: now, into: &outputs)
            case 5, 6:
                // A lenient controller: whatever is asked is granted, so that later states are reached as well.
                for opcode in [UInt16(0x0C03), 0x1001, 0x1009, 0x0C01, 0x0C6D, 0x2001, 0x2003, 0x2002] {
                    let body = [1, UInt8(opcode & 0xFF), UInt8(opcode >> 8), 0, 27, 0, 4, 1, 1, 1, 1, 1]
                    host.receive([4, 0x0E, UInt8(body.count)] + body, at: now, into: &outputs)
                }
            case 7:
                let body: [UInt8] = [1, 0, UInt8(random.below(3)), 0, UInt8(random.below(2)), 0, 1, 2, 3, 4, 5, 6]
                host.receive([4, 0x3E, 19] + body + [12, 0, 0, 0, 100, 0, 0], at: now, into: &outputs)
            case 8:
                var payload = random.bytes(atMost: 20)
                payload = [UInt8(payload.count), 0, UInt8(4 + random.below(3)), 0] + payload
                let header = [2, UInt8(random.below(3)), 0x20, UInt8(payload.count), 0]
                host.receive(header + payload, at: now, into: &outputs)
            default:
                let bytes = random.bytes(atMost: 30)
                host.receive(
                    [UInt8(random.below(6)), UInt8(random.below(80)), UInt8(bytes.count)] + bytes,
                    at: now,
                    into: &outputs
                )
            }
            #expect(outputs.count < 200, "seed \(seed)")
        }
    }
}
