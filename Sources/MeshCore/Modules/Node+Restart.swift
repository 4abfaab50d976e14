import MeshWire
import RadioPort

// Starting anew on request.
extension Node {
    /// Restarts the node after a time in microseconds; a later call replaces an earlier one.
    mutating func scheduleRestart(_ cause: RebootCause, in duration: UInt64, now: Instant) {
        restartCause = cause
        set(.reset, in: duration, now: now)
    }

    /// Closes all links and asks the driver to start the node again; until then it does nothing more.
    mutating func restart(now: Instant, into outputs: inout Outputs) {
        while let link = links.first {
            remove(slot: link.slot, reason: .reboot, now: now, into: &outputs)
        }
        if radio != nil {
            outputs.append(.radio(.stopScan))
            outputs.append(.radio(.stopAdvertising))
        }
        timers = Timers()
        isRunning = false
        needsSettling = false
        outputs.append(.restart(reason: restartCause.rawValue))
    }
}
