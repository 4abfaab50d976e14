import ByteCoding
import MeshWire
import RadioPort

// Changing the clustering mode of a running network (``ClusteringChange``).
//
//            set_config, time to come             the time has come
//   ┌──────┐ ─────────────────────► ┌─────────┐ ─────────────────────► the mode is changed and stored,
//   │ kept │                        │ planned │                        every link is dropped once
//   └──────┘ ◄───────────────────── └─────────┘
//             withdrawn, or the time passed more than 60 s ago
//
// Everybody gets the same set_config, answers it, and changes by itself at the same network time; nobody is told then.
//
//   - A node that does not know the time refuses, as does one whose time says that the moment has passed: whoever asked for the
//     change learns it, and withdraws the change from all.
//   - What is planned is stored before it is answered, and outlives restarts. A restarted node has to be told the time again by
//     a partner; until then nothing is due.
//   - A node that learns the time only after the moment, because it was away or its clock was wrong, changes if that is at
//     most 60 s ago. Later it forgets the plan and stays as it is: after a power cut of the whole network nobody changes,
//     instead of each node as soon as it is told the time, which would take it from those who wait for it. Its neighbours
//     report such a node, and it is changed by hand: by the same set_config, addressed to it alone, with the time 0.
//   - A new plan replaces an old one. A plan for the mode that the node has already is kept like any other, and changes nothing
//     but what is stored.
//   - The mode that was changed to is stored and goes before that of the configuration file, on every later start.
extension Node {
    /// set_config of the clustering module.
    mutating func planClustering(
        _ bytes: InlineBytes<192>,
        _ request: ModuleMessage,
        now: Instant,
        into outputs: inout Outputs
    ) {
        let code = takeClusteringChange(bytes, isForAll: request.receiver != identity.node, now: now, into: &outputs)
        let result = ModuleContent.configuration(ClusteringChange.module, .setConfigResult(code))
        answer(request, result, now: now, into: &outputs)
        // What is to be done at once is done behind the answer, which reaches only who is not behind a link.
        changeClusteringIfDue(now: now, into: &outputs)
    }

    private mutating func takeClusteringChange(
        _ bytes: InlineBytes<192>,
        isForAll: Bool,
        now: Instant,
        into outputs: inout Outputs
    ) -> ModuleConfigCode {
        guard bytes.count == ClusteringChange.encodedSize, let change = try? ClusteringChange(bytes: bytes),
            change.version == ClusteringChange.currentVersion
        else { return .wrongConfiguration }
        let mode: ClusteringMode
        switch change.mode {
        case .none:
            forgetPlannedClustering(wasWithdrawn: true, into: &outputs)
            return .ok
        case .classic: mode = .classic
        case .graft: mode = .graft
        default: return .wrongConfiguration
        }
        if change.at == 0 {
            guard !isForAll else { return .notForAll }
        } else {
            // Also one that is yet to be corrected by what it waited on its way: the timer follows the correction.
            guard clock.isSynced else { return .timeNotSet }
            guard change.at > clock.seconds(at: ticks(at: now)) else { return .timePassed }
        }
        stored.plannedClustering = PlannedClustering(mode: mode, at: change.at)
        persist(into: &outputs)
        trace(.clusteringPlanned(mode, at: change.at), into: &outputs)
        scheduleClusteringChange(now: now)
        return .ok
    }

    private mutating func forgetPlannedClustering(wasWithdrawn: Bool, into outputs: inout Outputs) {
        timers.stop(.clusteringChange)
        guard let plan = stored.plannedClustering else { return }
        stored.plannedClustering = nil
        persist(into: &outputs)
        trace(.clusteringKept(plan.mode, wasWithdrawn: wasWithdrawn), into: &outputs)
    }

    /// Sets the timer for the change that is to come; the time may have been set or corrected.
    mutating func scheduleClusteringChange(now: Instant) {
        guard let plan = stored.plannedClustering, clock.isSynced else {
            timers.stop(.clusteringChange)
            return
        }
        let wait = UInt64(plan.at).subtractingClamped(UInt64(clock.seconds(at: ticks(at: now))))
        // Up to a second early: what is not due is looked at again at the next tick.
        let due = now.advanced(byMicroseconds: wait.subtractingClamped(1) * 1_000_000)
        timers.set(.clusteringChange, at: max(tick(from: due), tick(after: now)))
    }

    /// Carries out the change whose time has come.
    mutating func changeClusteringIfDue(now: Instant, into outputs: inout Outputs) {
        guard let plan = stored.plannedClustering else { return }
        guard plan.at > 0 else {
            changeClustering(to: plan.mode, now: now, into: &outputs)
            return
        }
        guard clock.isSynced else { return }
        let seconds = clock.seconds(at: ticks(at: now))
        if seconds < plan.at {
            scheduleClusteringChange(now: now)
        } else if seconds - plan.at > Limits.clusteringChangeDelay {
            forgetPlannedClustering(wasWithdrawn: false, into: &outputs)
        } else {
            changeClustering(to: plan.mode, now: now, into: &outputs)
        }
    }

    private mutating func changeClustering(to mode: ClusteringMode, now: Instant, into outputs: inout Outputs) {
        timers.stop(.clusteringChange)
        stored.plannedClustering = nil
        stored.clustering = mode
        persist(into: &outputs)
        guard mode != configuration.clustering else { return }
        while let link = links.first {
            remove(slot: link.slot, reason: .clusteringChanged, now: now, into: &outputs)
        }
        for timer in [NodeTimer.clustering, .emergency, .sizeTransition] {
            timers.stop(timer)
        }
        configuration.change(to: mode)
        classic = ClassicClustering()
        graft = GraftClustering()
        otherModeNeighbours = []
        emergencyElapsed = 0
        clusterSize = 1
        trace(.clusteringChanged(mode), into: &outputs)
        startAlone(into: &outputs)
        if radio != nil, meshes {
            enter(.high, now: now, into: &outputs)
            startClustering(now: now)
        }
        markJoinMeStale()
        advertisingIsStale = true
        needsSettling = true
    }
}

extension UInt64 {
    /// The difference, 0 if it would be less.
    fileprivate func subtractingClamped(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}
