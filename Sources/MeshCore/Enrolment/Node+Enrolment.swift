import ByteCoding
import MeshWire
import RadioPort

// The enrolment module, number 5 (protocol §10.5): how a node gets its id, its network and its keys over the air, and loses them.
//
//                 set_enrollment, own serial number
//                               │
//            same as it has ────┼──── enrolled, and only new devices are meant ── id that it cannot have
//                  │            │                        │                               │
//               code 0          ▼                     code 0x10                      code 0x13
//               and no more   settings as at first, enrolment stored, code 0 to all, restart after 4 s
//
// Until the restart the node stays what it was, and answers as such. What is stored goes before what the node was made with, at
// this restart and every later one.
extension Node {
    mutating func enrolmentAction(
        _ action: EnrollmentMessage,
        _ request: ModuleMessage,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        switch action {
        case .setEnrollment(let set):
            guard set.serialNumber.rawValue == identity.serialNumberIndex else {
                seekDevice(set, request, from: slot, now: now, into: &outputs)
                return
            }
            let code = enrol(set, now: now, into: &outputs)
            trace(.enrolment(code, node: set.newNodeID, network: set.newNetworkID), into: &outputs)
            let result = EnrollmentResult(serialNumber: set.serialNumber, code: code)
            tellAll(.setEnrollmentResult(result), request, now: now, into: &outputs)
        case .removeEnrollment(let serial):
            guard serial.rawValue == identity.serialNumberIndex else { return }
            store(.removed, now: now, into: &outputs)
            trace(.enrolment(.ok, node: original.node, network: .notEnrolled), into: &outputs)
            let result = EnrollmentResult(serialNumber: serial, code: .ok)
            tellAll(.removeEnrollmentResult(result), request, now: now, into: &outputs)
            scheduleRestart(.enrollmentRemoved, in: configuration.timing.enrolmentRemovalDelay, now: now)
        case .setNetwork(let network):
            let code = setNetwork(network, into: &outputs)
            answer(request, .enrollment(.setNetworkResult(code)), now: now, into: &outputs)
        case .requestProposals(let serials):
            for serial in serials where heardDevices.contains(serial, now: now) {
                answer(request, .enrollment(.requestProposalsResult(serial)), now: now, into: &outputs)
            }
        case .setEnrollmentResult, .removeEnrollmentResult, .proposal, .setNetworkResult, .requestProposalsResult:
            return
        }
    }

    /// An answer of the enrolment module, which may be the one that an errand waits for.
    mutating func enrolmentAnswered(
        _ response: ModuleMessage,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        switch response.content {
        case .enrollment(.setEnrollmentResult(let result)):
            deviceAnswered(result, response, from: slot, now: now, into: &outputs)
            deviceSettled(result.serialNumber, now: now, into: &outputs)
        case .enrollment(.removeEnrollmentResult(let result)):
            deviceSettled(result.serialNumber, now: now, into: &outputs)
        default: return
        }
    }

    /// Tells everybody what became of a request.
    mutating func tellAll(
        _ content: EnrollmentMessage,
        _ request: ModuleMessage,
        now: Instant,
        into outputs: inout Outputs
    ) {
        send(
            ModuleMessage(
                sender: identity.node,
                receiver: .broadcast,
                requestHandle: request.requestHandle,
                content: .enrollment(content)
            ),
            now: now,
            into: &outputs
        )
    }

    // MARK: - Who the node is

    /// What the node will be after its next restart.
    var storedIdentity: Identity { original.enrolled(with: stored.enrolment) }

    /// Whether the node belongs to a network, or will after its next restart: then it is no longer for everybody to enrol.
    var isEnrolled: Bool {
        identity.network != .notEnrolled || storedIdentity.network != .notEnrolled
    }

    /// Whether the all-zero key opens the node for its enrolment (protocol §1.10).
    var acceptsZeroKey: Bool { configuration.acceptsZeroKey && !isEnrolled }

    /// Whether the node will be restarted as another one.
    var awaitsNewIdentity: Bool {
        timers.isSet(.reset) && (restartCause == .enrollment || restartCause == .enrollmentRemoved)
    }

    // MARK: - Being enrolled

    private mutating func enrol(_ set: SetEnrollment, now: Instant, into outputs: inout Outputs) -> EnrollmentCode {
        let old = storedIdentity.enrolment
        let new = old.changed(by: set)
        guard new != old else { return .ok }
        if set.options?.onlyIfUnenrolled == true, isEnrolled { return .alreadyEnrolled }
        guard canHave(set.newNodeID) else { return .nodeIDOutOfRange }
        store(new, now: now, into: &outputs)
        scheduleRestart(.enrollment, in: configuration.timing.enrolmentDelay, now: now)
        return .ok
    }

    /// Whether an id is in the range for what the node is: assets may have an organisation-wide one (protocol §1.1).
    private func canHave(_ id: NodeID) -> Bool {
        switch id.kind {
        case .device: true
        case .globalDevice: identity.deviceType == .asset
        default: false
        }
    }

    private mutating func store(_ enrolment: Enrolment, now: Instant, into outputs: inout Outputs) {
        stored.enrolment = enrolment
        stored = settingsAsAtFirst
        persist(into: &outputs)
        // Their timers go by the intervals that were stored.
        startTimeReporting(now: now)
        scheduleReports(now: now)
    }

    /// What is stored, with all settings as at first.
    ///
    /// Cluster ids must not come again, so their generation stays; the clustering mode is the network's, and stays with it.
    var settingsAsAtFirst: PersistentState {
        var fresh = PersistentState()
        fresh.enrolment = stored.enrolment
        fresh.graftGeneration = stored.graftGeneration
        if storedIdentity.network == identity.network {
            fresh.clustering = stored.clustering
            fresh.plannedClustering = stored.plannedClustering
        }
        return fresh
    }

    /// An asset moves to another network at once: it has no links that would be lost.
    private mutating func setNetwork(_ network: NetworkID, into outputs: inout Outputs) -> SetNetworkCode {
        guard identity.deviceType == .asset else { return .notAnAsset }
        guard NetworkID.usable.contains(network.rawValue) else { return .invalid }
        var enrolment = storedIdentity.enrolment
        enrolment.network = network
        stored.enrolment = enrolment
        persist(into: &outputs)
        identity.network = network
        advertisingIsStale = true
        return .ok
    }
}
