import ByteCoding
import MeshWire
import RadioPort
import Testing

@testable import MeshCore

/// Protocol §10.5, the other nodes: what they tell of devices near, and when they look for one.
@Suite struct EnrolmentErrandTests {
    private static let device: UInt32 = 2_673_001

    private func joined(_ seed: UInt64 = 2, stored: PersistentState = PersistentState()) throws -> (NodeHarness, LinkID)
    {
        var harness = NodeHarness(2, stored: stored, seed: seed)
        let link = try harness.join(1)
        harness.forget()
        return (harness, link)
    }

    private func seek(timeout: UInt8 = 10, nodeKey: UInt8? = 0x11) -> EnrollmentMessage {
        .setEnrollment(enrolment(serial: Self.device, node: 30, nodeKey: nodeKey, timeout: timeout))
    }

    private func connects(_ harness: NodeHarness) -> [(parameters: ConnectionParameters, timeout: UInt32)] {
        harness.commands.compactMap { command in
            guard case .connect(_, let address, let parameters, _, let timeout) = command,
                address.value >= 0xC000_0000_0900
            else { return nil }
            return (parameters, timeout)
        }
    }

    // MARK: - Who is near

    @Test func tellsWhichDevicesItHasHeardOfThoseAskedFor() throws {
        var (harness, link) = try joined()
        try harness.hearDevice(serial: 100)
        try harness.hearDevice(serial: 101, isEnrolled: true, isEmergency: true)
        try harness.hearDevice(serial: 102, rssi: -85)
        try harness.hearDevice(serial: 103, rssi: -84)
        let list = PackedList<SerialNumber, 44>([103, 102, 101, 100, 99].map { SerialNumber($0) })
        try harness.ask(.requestProposals(list), of: 2, on: link)
        // To who asked, with its handle, in the order of the list.
        #expect(harness.take() == ["67000000", "65000000", "64000000"].map { "3402000100053f04" + $0 })
    }

    @Test func whatWasHeardAMinuteAgoIsForgotten() throws {
        var (harness, link) = try joined()
        try harness.hearDevice(serial: 100)
        harness.wait(60_000)
        let list = EnrollmentMessage.requestProposals(PackedList([SerialNumber(100)]))
        try harness.ask(list, of: 2, on: link)
        #expect(harness.take() == ["3402000100053f0464000000"])
        harness.wait(1)
        try harness.ask(list, of: 2, on: link)
        #expect(harness.take().isEmpty)
    }

    @Test func theTableKeepsThoseWhomSomebodyWillAskFor() {
        var heard = HeardDevices()
        let now = Instant(microseconds: 100_000_000)
        for serial in 0..<100 as Range<UInt32> {
            let isEnrolled = serial >= 10
            heard.note(
                SerialNumber(serial),
                isEnrolled: isEnrolled,
                rssi: -50,
                now: now.advanced(byMicroseconds: UInt64(serial))
            )
        }
        #expect(heard.count == Limits.heardDevices)
        let end = now.advanced(byMicroseconds: 1000)
        #expect((0..<10).allSatisfy { heard.contains(SerialNumber($0), now: end) })
        #expect(heard.latest(3, now: end) == [9, 8, 7].map { SerialNumber($0) })
        // Once they are too old they are worth nothing.
        let later = now.advanced(byMicroseconds: HeardDevices.age * 2)
        heard.note(SerialNumber(500), isEnrolled: true, rssi: -50, now: later)
        #expect(heard.latest(3, now: later) == [SerialNumber(500)])
        #expect(heard.count == Limits.heardDevices)
    }

    /// One draw says both: who proposes leaves the errand to others, if it was not asked alone.
    @Test(arguments: [true, false])
    func aTenthProposesAndHalfLeavesItToOthers(isBroadcast: Bool) throws {
        var proposals = 0
        var errands = 0
        for seed in 0..<400 as Range<UInt64> {
            var (harness, link) = try joined(seed)
            try harness.hearDevice(serial: 12)
            try harness.hearDevice(serial: 13)
            try harness.ask(seek(), of: isBroadcast ? 0 : 2, on: link)
            let answers = harness.take()
            #expect(answers.isEmpty || answers == ["3402000100053f020c0000000d00000000000000"], "seed \(seed)")
            proposals += answers.count
            errands += harness.node.errand == nil ? 0 : 1
            if isBroadcast, !answers.isEmpty { #expect(harness.node.errand == nil, "seed \(seed)") }
        }
        #expect((20...60).contains(proposals), "\(proposals)")
        #expect(isBroadcast ? (160...240).contains(errands) : errands == 400, "\(errands)")
    }

    @Test func aLoneNodeLeavesItToNobody() throws {
        for seed in 0..<50 as Range<UInt64> {
            var harness = NodeHarness(2, seed: seed)
            let request = ModuleMessage(sender: NodeID(2), receiver: .broadcast, content: .enrollment(seek()))
            harness.give(.request(.send(try request.encoded())))
            #expect(harness.node.errand != nil, "seed \(seed)")
        }
    }

    // MARK: - Looking for it

    @Test(arguments: [nil, 0xFF] as [UInt8?])
    func withoutTheKeyOfTheDeviceNobodyLooksForIt(key: UInt8?) throws {
        for seed in 0..<50 as Range<UInt64> {
            var (harness, link) = try joined(seed)
            try harness.ask(seek(nodeKey: key), of: 2, on: link)
            #expect(harness.take().isEmpty && harness.node.errand == nil, "seed \(seed)")
        }
    }

    @Test func listensWithHighDutyUntilTheTimeIsUp() throws {
        var stored = PersistentState()
        stored.enrolledNodes = 11
        var (harness, link) = try joined(stored: stored)
        harness.wait(15_000)
        #expect(harness.node.discovery == .idle)
        harness.forget()
        try harness.ask(seek(timeout: 20), of: 2, on: link)
        #expect(harness.commands.contains { if case .scan(Timing().scanHigh) = $0 { true } else { false } })
        harness.wait(19_500)
        #expect(harness.node.errand != nil)
        harness.forget()
        harness.wait(1000)
        #expect(harness.node.errand == nil)
        #expect(harness.commands.contains { if case .stopScan = $0 { true } else { false } })
        #expect(harness.traces.contains { $0.event == .enrollingEnded(SerialNumber(Self.device), .notFound) })
    }

    @Test func isBusyWithOneDeviceAtATime() throws {
        var (harness, link) = try joined()
        try harness.ask(seek(), of: 2, on: link)
        try harness.ask(.setEnrollment(enrolment(serial: 99, node: 31)), of: 2, on: link)
        #expect(harness.node.errand?.request.serialNumber == SerialNumber(Self.device))
        harness.wait(10_500)
        try harness.ask(.setEnrollment(enrolment(serial: 99, node: 31)), of: 2, on: link)
        #expect(harness.node.errand?.request.serialNumber == SerialNumber(99))
    }

    @Test func aNodeThatWillBeAnotherOneTakesNoErrand() throws {
        var (harness, link) = try joined()
        try harness.ask(.setEnrollment(enrolment(network: 12)), of: 2, on: link)
        try harness.ask(seek(), of: 2, on: link)
        #expect(harness.node.errand == nil)
    }

    @Test func connectsToTheDeviceWhenItHearsIt() throws {
        for (timeout, after, expected) in [
            (30, 0, 10_000_000), (7, 1000, 6_000_000), (4, 1999, 2_001_000), (4, 2001, nil),
        ]
            as [(UInt8, UInt64, UInt32?)]
        {
            var (harness, link) = try joined()
            try harness.ask(seek(timeout: timeout), of: 2, on: link)
            harness.wait(after)
            try harness.hearDevice(serial: Self.device + 1)
            try harness.hearDevice(serial: Self.device, connectable: false)
            #expect(connects(harness).isEmpty)
            // Its strength is no matter, nor whether it is in need.
            try harness.hearDevice(serial: Self.device, rssi: -100, isEmergency: true)
            try harness.hearDevice(serial: Self.device)
            #expect(
                connects(harness).map(\.timeout) == (expected.map { [$0] } ?? []),
                "\(timeout) s, after \(after) ms"
            )
            #expect(connects(harness).allSatisfy { $0.parameters.interval == 8 })
        }
    }

    @Test func triesAgainAfterAWhileIfTheDeviceIsLost() throws {
        var (harness, link) = try joined()
        try harness.ask(seek(timeout: 30), of: 2, on: link)
        try harness.hearDevice(serial: Self.device)
        let token = try #require(
            harness.commands.compactMap { if case .connect(let token, _, _, _, _) = $0 { token } else { nil } }.last
        )
        harness.give(.radio(.connectFailed(token: token, reason: .connectionTimeout)))
        #expect(harness.node.errand?.phase == .seeking)
        harness.wait(500)
        try harness.hearDevice(serial: Self.device)
        #expect(connects(harness).count == 1)
        harness.wait(600)
        try harness.hearDevice(serial: Self.device)
        #expect(connects(harness).count == 2)
    }

    /// What a device told everybody, by way of another node or as one of the mesh, needs no errand any more.
    @Test(arguments: [true, false])
    func whoIsSettledElsewhereIsNotLookedFor(isRemoved: Bool) throws {
        var (harness, link) = try joined()
        try harness.ask(seek(), of: 2, on: link)
        func tell(_ serial: UInt32) throws {
            let result = EnrollmentResult(serialNumber: SerialNumber(serial), code: .ok)
            try harness.ask(isRemoved ? .removeEnrollmentResult(result) : .setEnrollmentResult(result), on: link)
        }
        try tell(Self.device + 1)
        #expect(harness.node.errand != nil)
        harness.forget()
        try tell(Self.device)
        #expect(harness.node.errand == nil)
        #expect(harness.traces.contains { $0.event == .enrollingEnded(SerialNumber(Self.device), .settledElsewhere) })
        try harness.hearDevice(serial: Self.device)
        #expect(connects(harness).isEmpty)
    }

    /// A node that is at the door of a device goes away when the device has answered somebody else.
    @Test func whoIsSettledElsewhereIsNotConnectedTo() throws {
        var (harness, link) = try joined()
        try harness.ask(seek(), of: 2, on: link)
        try harness.hearDevice(serial: Self.device)
        #expect(connects(harness).count == 1)
        let result = EnrollmentResult(serialNumber: SerialNumber(Self.device), code: .ok)
        try harness.ask(.setEnrollmentResult(result), on: link)
        #expect(harness.node.errand == nil && harness.node.links.count == 1)
    }

    @Test func aDeviceThatIsNotEnrolledLooksForNobody() throws {
        for seed in 0..<50 as Range<UInt64> {
            var harness = NodeHarness(2, network: .notEnrolled, seed: seed)
            let request = ModuleMessage(sender: NodeID(2), receiver: NodeID(2), content: .enrollment(seek()))
            harness.give(.request(.send(try request.encoded())))
            #expect(harness.node.errand == nil && harness.delivered.count == 1, "seed \(seed)")
        }
    }

    // MARK: - Properties

    /// Whatever comes: nothing grows, an id is always one that a node may have, and time ends every errand.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func hostileMessagesBreakNothing(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var (harness, link) = try joined(seed)
        for _ in 0..<1500 {
            switch random.uniform(below: 8) {
            case 0:
                let serial = Self.device + random.uniform(below: 40)
                let rssi = Int8(truncatingIfNeeded: Int(random.uniform(below: 100)) - 110)
                try harness.hearDevice(serial: serial, isEnrolled: random.chance(1, in: 2), rssi: rssi)
            case 1: harness.wait(UInt64(random.uniform(below: 6000)))
            default: harness.receive(Self.message(&random), on: link)
            }
            let node = harness.node
            #expect(node.heardDevices.count <= Limits.heardDevices, "seed \(seed)")
            #expect(node.links.count <= Limits.connections, "seed \(seed)")
            let id = node.storedIdentity.node
            #expect(id.kind == .device, "seed \(seed): \(id)")
            if let errand = node.errand {
                let left = errand.deadline.microseconds(since: harness.now)
                #expect(left <= 131_000_000 && node.timers.isSet(.enrolment), "seed \(seed)")
                #expect(errand.slot == nil || node.index(slot: errand.slot ?? 0) != nil, "seed \(seed)")
            } else {
                let isForErrand = node.links.contains { $0.access?.purpose == .enrolment }
                #expect(!node.timers.isSet(.enrolment) && !isForErrand, "seed \(seed)")
            }
            if !node.isUp || node.meshEdgeCount == 0 {
                if node.isUp { harness.wait(5000) }
                harness = try joined(random.next()).0
                link = try #require(harness.node.linkViews.first).link
            }
            harness.forget()
        }
        harness.wait(140_000)
        #expect(harness.node.errand == nil, "seed \(seed)")
    }

    /// A message of the enrolment module, by the rules at first and by chance behind.
    private static func message(_ random: inout SeededGenerator) -> MessageBytes {
        let isRequest = random.chance(3, in: 4)
        let receiver: UInt8 = random.chance(1, in: 2) ? 2 : 0
        var message = MessageBytes([
            isRequest ? 0x33 : 0x34, 1, 0, receiver, 0, 5, UInt8(random.uniform(below: 256)),
            UInt8(random.uniform(below: 6)),
        ])
        let serial = random.chance(1, in: 3) ? 1 : device + random.uniform(below: 4)
        for shift in 0..<4 { message.append(UInt8(truncatingIfNeeded: serial >> UInt32(shift * 8))) }
        let length = random.chance(1, in: 3) ? 81 : 8 + Int(random.uniform(below: 90))
        let filler = [0x00, 0x11, 0xFF, nil][Int(random.uniform(below: 4))] as UInt8?
        while message.count < max(length, 12) {
            let isID = message.count == 13
            message.append(isID && random.chance(3, in: 4) ? 3 : filler ?? UInt8(truncatingIfNeeded: random.next()))
        }
        return message
    }
}
