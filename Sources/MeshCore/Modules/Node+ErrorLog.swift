import MeshWire
import RadioPort

// The error log of the status reporter (protocol §10.1).
extension Node {
    /// Closes the log and sends it entry by entry; dropped while the log is being sent already.
    mutating func answerErrorLog(_ request: ModuleMessage, now: Instant) {
        guard request.sender.isValidSender, !answers.isSendingErrorLog else { return }
        let isBegun = answerLater(
            .errorLog(to: request.sender, requestHandle: request.requestHandle),
            from: tick(after: now)
        )
        guard isBegun else { return }
        let time = deciseconds(at: now)
        let bootedAt = clock.isSynced ? clock.seconds(at: ticks(at: now)) &- time / 10 : nil
        status.errorLog.close(bootedAt: bootedAt, at: time)
    }

    /// Remembers the removal of a connection if the error log has a code for its reason.
    mutating func logRemoval(_ reason: DisconnectReason, partner: NodeID, now: Instant) {
        let code: ErrorCode
        switch reason {
        case .handshakeTimeout: code = .handshakeTimeout
        case .reconnectTimeout: code = .reestablishTimeout
        case .mtuUpgradeFailed: code = .mtuUpgradeFailed
        case .emergencyDisconnect: code = .emergencyDisconnect
        default: return
        }
        status.log(code, extra: UInt32(partner.rawValue), at: deciseconds(at: now))
    }
}
