import ByteCoding
import MeshWire
import RadioPort

// How a node enrols a device that it hears, for somebody in its mesh (protocol §10.5): ``EnrolmentErrand`` has the states.
//
//   requester        node of the mesh                          device
//      │ set_enrollment    │                                      │
//      ├──────────────────►│  listens for its serial number       │
//      │                   ├── MeshAccess link, key NODE or ZERO ►│
//      │                   ├── set_enrollment ───────────────────►│
//      │                   │◄─────────────────────────── result ──┤
//      │◄── result to all ─┤  closes the link                     │ restarts
//
// One draw of 0...99 per request says both whether the node tells which devices are near, and whether it leaves the errand to
// others. Nobody is told that an errand came to nothing.
extension Node {
    /// Of a hundred requests, so many are answered with a proposal.
    private static let proposalsInHundred: UInt32 = 10
    /// Of a hundred requests to all, so many are left to others in the cluster.
    private static let refusalsInHundred: UInt32 = 50
    /// Devices in a proposal.
    private static let proposedDevices = 3

    // MARK: - Beginning

    /// A request for another device; without its key nobody is to look for it.
    mutating func seekDevice(
        _ set: SetEnrollment,
        _ request: ModuleMessage,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard meshes, let bytes = set.nodeKey, !bytes.isAll(0xFF), let key = Key128(bytes.array) else { return }
        let draw = random.uniform(below: 100)
        if draw < Self.proposalsInHundred {
            propose(to: request, now: now, into: &outputs)
        }
        if request.receiver == .broadcast, clusterSize > 1, draw < Self.refusalsInHundred { return }
        guard radio != nil, errand == nil, !awaitsNewIdentity else { return }
        for link in links where link.kind == .access && link.slot != slot {
            remove(slot: link.slot, reason: .neededForEnrolment, now: now, into: &outputs)
        }
        let seconds = set.options?.timeoutSeconds ?? Self.defaultTimeoutSeconds
        let deadline = now.advanced(byMicroseconds: UInt64(seconds) * 1_000_000)
        errand = EnrolmentErrand(
            request: set,
            requestHandle: request.requestHandle,
            keyID: key == .zero ? .zero : .node,
            key: key,
            deadline: deadline,
            connectsFrom: now
        )
        trace(.enrolling(set.serialNumber), into: &outputs)
        timers.set(.enrolment, at: tick(from: deadline))
        updateScan(now: now, into: &outputs)
    }

    /// What terminals send when nobody says otherwise.
    private static let defaultTimeoutSeconds: UInt8 = 10

    private mutating func propose(to request: ModuleMessage, now: Instant, into outputs: inout Outputs) {
        let heard = heardDevices.latest(Self.proposedDevices, now: now)
        let none = repeatElement(SerialNumber(0), count: Self.proposedDevices - heard.count)
        answer(request, .enrollment(.proposal(PackedList(heard + none))), now: now, into: &outputs)
    }

    // MARK: - Hearing

    /// A device tells that it takes MeshAccess links.
    mutating func hearDevice(
        _ serial: SerialNumber,
        _ advertisement: Advertisement,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard let errand, errand.phase == .seeking, errand.request.serialNumber == serial, advertisement.connectable
        else {
            return
        }
        connect(to: advertisement.address, for: errand, now: now, into: &outputs)
    }

    /// Opens the link; what cannot be done now may be done when the device is heard again.
    private mutating func connect(
        to address: Address,
        for errand: EnrolmentErrand,
        now: Instant,
        into outputs: inout Outputs
    ) {
        let timing = configuration.timing
        let left = errand.deadline.microseconds(since: now)
        guard left >= timing.enrolmentLeastTime, now >= errand.connectsFrom, accessRefusal(to: address) == nil else {
            return
        }
        let handshake = AccessHandshake(
            centralWithID: identity.node,
            keyID: errand.keyID,
            longTermKey: errand.key,
            tunnel: .peerToPeer
        )
        let isOpening = openAccessLink(
            AccessLink(handshake, for: .enrolment),
            to: address,
            of: NodeID(0),
            timeout: UInt32(clamping: max(1_000_000, min(left, 10_000_000))),
            now: now,
            into: &outputs
        )
        guard isOpening, let slot = links.last?.slot else { return }
        self.errand?.phase = .connecting(slot: slot)
    }

    // MARK: - Asking

    /// The link for an errand is open: hand the request over.
    mutating func askDevice(on index: Int, now: Instant, into outputs: inout Outputs) {
        guard var errand, errand.slot == links[index].slot, let device = links[index].access?.addressing?.virtual else {
            return
        }
        errand.phase = .asked(slot: links[index].slot)
        errand.deadline = max(
            errand.deadline,
            now.advanced(byMicroseconds: configuration.timing.enrolmentAnswerTime)
        )
        self.errand = errand
        timers.set(.enrolment, at: tick(from: errand.deadline))
        let request = ModuleMessage(
            sender: identity.node,
            receiver: device,
            requestHandle: errand.requestHandle,
            content: .enrollment(.setEnrollment(errand.request))
        )
        sendToAccessLink(index, request, into: &outputs)
    }

    /// The device answered: the mesh is told, whatever it says.
    mutating func deviceAnswered(
        _ result: EnrollmentResult,
        _ response: ModuleMessage,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard let errand, case .asked(let asked) = errand.phase, asked == slot,
            result.serialNumber == errand.request.serialNumber
        else { return }
        endErrand(.answered(result.code), reason: .enrolmentAnswered, now: now, into: &outputs)
        tellAll(.setEnrollmentResult(result), response, now: now, into: &outputs)
    }

    // MARK: - Ending

    /// Everybody is told what became of a device: who still looks for it must not, else a device that is taken out of the network
    /// soon after would be taken in again.
    mutating func deviceSettled(_ serial: SerialNumber, now: Instant, into outputs: inout Outputs) {
        guard let errand, errand.request.serialNumber == serial else { return }
        // Whom this node has asked answers on their own link.
        if case .asked = errand.phase { return }
        endErrand(.settledElsewhere, reason: .enrolmentAnswered, now: now, into: &outputs)
    }

    /// The link for an errand is gone: the device may be heard again.
    mutating func errandLinkRemoved(_ link: Link, now: Instant, into outputs: inout Outputs) {
        guard var errand, errand.slot == link.slot else { return }
        errand.phase = .seeking
        errand.connectsFrom = now.advanced(byMicroseconds: configuration.timing.enrolmentRetry)
        self.errand = errand
        updateScan(now: now, into: &outputs)
    }

    /// The time for an errand is up.
    mutating func errandTimedOut(now: Instant, into outputs: inout Outputs) {
        guard let errand else { return }
        let isAsked = if case .asked = errand.phase { true } else { false }
        endErrand(
            isAsked ? .unanswered : .notFound,
            reason: isAsked ? .enrolmentUnanswered : .enrolmentTimeout,
            now: now,
            into: &outputs
        )
    }

    private mutating func endErrand(
        _ outcome: ErrandOutcome,
        reason: DisconnectReason,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard let errand else { return }
        self.errand = nil
        timers.stop(.enrolment)
        if let slot = errand.slot {
            remove(slot: slot, reason: reason, now: now, into: &outputs)
        }
        trace(.enrollingEnded(errand.request.serialNumber, outcome), into: &outputs)
        updateScan(now: now, into: &outputs)
    }
}
