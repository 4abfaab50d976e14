import MeshWire
import RadioPort

// Starting anew on request.
extension Node {
    /// Restarts the node after a time in microseconds; a later call replaces an earlier one.
    ///
    /// A restart as another node is replaced by nothing but another one: it must not be put off.
    mutating func scheduleRestart(_ cause: RebootCause, in duration: UInt64, now: Instant) {
        guard !awaitsNewIdentity || cause == .enrollment || cause == .enrollmentRemoved else { return }
        restartCause = cause
        set(.reset, in: duration, now: now)
    }

    /// Closes all links and asks the driver to start the node again; until then it does nothing more.
    mutating func restart(now: Instant, into outputs: inout Outputs) {
        keepSettingsOfNewIdentity(into: &outputs)
        while let link = links.first {
            remove(slot: link.slot, reason: .reboot, now: now, into: &outputs)
        }
        if radio != nil {
            outputs.append(.radio(.stopScan))
            outputs.append(.radio(.stopAdvertising))
        }
        timers = Timers()
        errand = nil
        isRunning = false
        needsSettling = false
        outputs.append(.restart(reason: restartCause.rawValue))
    }

    /// What the old network set after the node was given its new identity is not for the new one.
    private mutating func keepSettingsOfNewIdentity(into outputs: inout Outputs) {
        guard restartCause == .enrollment || restartCause == .enrollmentRemoved, stored != settingsAsAtFirst else {
            return
        }
        stored = settingsAsAtFirst
        persist(into: &outputs)
    }
}
