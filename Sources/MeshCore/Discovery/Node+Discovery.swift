import ByteCoding
import MeshWire
import RadioPort

// The discovery state machine (protocol §3.1):
//
//      ┌────────── size < E, or E ≤ 1 ──────────┐
//      ▼                                        │
//   ┌──────┐  timeout (0: never)  ┌─────┐       │
//   │ HIGH │─────────────────────►│ LOW │───────┤
//   └──────┘                      └─────┘       │
//      │  10 s after size == E    ┌──────┐      │
//      └─────────────────────────►│ IDLE │──────┘
//                                 └──────┘
//
// E is the number of enrolled nodes, 0 unknown. A node on its own never leaves HIGH. Decisions are independent of the state.
extension Node {
    /// A state is asked for; on its own a node stays in HIGH, a stopped machine stays where it is.
    mutating func request(_ state: DiscoveryState, now: Instant, into outputs: inout Outputs) {
        guard discoveryRunning, meshes, radio != nil else { return }
        guard clusterSize >= 2 || state == .high else { return }
        enter(state, now: now, into: &outputs)
    }

    /// Goes to a state; HIGH again restarts its time-out.
    mutating func enter(_ state: DiscoveryState, now: Instant, into outputs: inout Outputs) {
        let old = discovery
        discovery = state
        let timeout = configuration.timing.highDiscoveryTimeout
        if state == .high, timeout > 0 {
            set(.discoveryTimeout, in: timeout, now: now)
        } else {
            timers.stop(.discoveryTimeout)
        }
        if old != state {
            trace(.discovery(from: old, to: state), into: &outputs)
        }
        updateScan(now: now, into: &outputs)
        advertisingIsStale = true
        needsSettling = true
    }

    /// A command or an update from the mesh keeps discovery alive, except in IDLE.
    mutating func keepDiscoveryAlive(now: Instant, into outputs: inout Outputs) {
        guard discovery != .idle else { return }
        request(.high, now: now, into: &outputs)
    }

    /// The own cluster size was set: compare with the number of enrolled nodes.
    mutating func clusterSizeWasSet(now: Instant, into outputs: inout Outputs) {
        markJoinMeStale()
        let enrolled = Int(stored.enrolledNodes)
        if Int(clusterSize) < enrolled || enrolled <= 1 {
            if discovery != .high || configuration.timing.highDiscoveryTimeout > 0 {
                request(.high, now: now, into: &outputs)
            }
        } else {
            set(.sizeTransition, in: configuration.timing.sizeTransitionDelay, now: now)
        }
    }

    /// The transition timer ran out.
    mutating func applySizeTransition(now: Instant, into outputs: inout Outputs) {
        let enrolled = Int(stored.enrolledNodes)
        let size = Int(clusterSize)
        if size == enrolled {
            request(.idle, now: now, into: &outputs)
        } else if enrolled != 0, size > enrolled {
            setEnrolledNodes(0, into: &outputs)
            for index in links.indices {
                links[index].enrolledNodesSynced = false
            }
            scheduleEnrolledNodesSync(now: now)
            request(.low, now: now, into: &outputs)
        } else {
            request(.high, now: now, into: &outputs)
        }
    }

    /// The number of enrolled nodes was told by a command.
    mutating func enrolledNodesCommanded(_ count: UInt16, now: Instant, into outputs: inout Outputs) {
        setEnrolledNodes(count, into: &outputs)
        let size = Int(clusterSize)
        if count == 0 || Int(count) > size {
            request(.high, now: now, into: &outputs)
        } else if Int(count) == size {
            request(.idle, now: now, into: &outputs)
        } else {
            set(.sizeTransition, in: configuration.timing.sizeTransitionDelay, now: now)
        }
    }

    func persist(into outputs: inout Outputs) { outputs.append(.persist(stored)) }

    private mutating func setEnrolledNodes(_ count: UInt16, into outputs: inout Outputs) {
        guard stored.enrolledNodes != count else { return }
        stored.enrolledNodes = count
        persist(into: &outputs)
    }

    // MARK: - Scanning

    /// Brings the scan on air in line with the state; a connect attempt suspends it.
    mutating func updateScan(now: Instant, into outputs: inout Outputs) {
        guard radio != nil, connectAttempt == nil else { return }
        // A restart after a connect attempt waits for its tick.
        guard !timers.isSet(.scanRestart) else { return }
        let wanted: ScanTiming? =
            switch discovery {
            case _ where seeksDevice: configuration.timing.scanHigh
            case .high: configuration.timing.scanHigh
            case .low: configuration.timing.scanLow
            case .idle, .off: nil
            }
        guard wanted != scanOnAir else { return }
        scanOnAir = wanted
        outputs.append(.radio(wanted.map { .scan($0) } ?? .stopScan))
    }

    /// The connect attempt is over: scan again from the next tick.
    mutating func scheduleScanRestart(now: Instant) {
        timers.set(.scanRestart, at: tick(after: now))
    }
}
