import ByteCoding
import MeshWire
import RadioPort

// Answers that are given piece by piece: capabilities, error log, load, counter.
extension Node {
    /// Begins an answer; false if it was dropped.
    @discardableResult
    mutating func answerLater(_ work: PendingAnswers.Work, from due: Instant) -> Bool {
        guard answers.add(work, dueAt: due) else { return false }
        timers.setNoLater(.answers, at: due)
        return true
    }

    /// Sends the next piece of every answer that is due.
    mutating func sendNextAnswer(now: Instant, into outputs: inout Outputs) {
        while let entry = answers.takeDue(at: now) {
            guard let (rest, wait) = sendPiece(of: entry.work, now: now, into: &outputs) else { continue }
            // At least a tick: what is put back is not due again at once.
            answers.putBack(rest, dueAt: max(tick(from: now.advanced(byMicroseconds: wait)), tick(after: now)))
        }
        if let next = answers.nextDueAt {
            timers.set(.answers, at: next)
        }
    }

    /// Sends one piece; returns what is left and after how long it is due, nil if nothing is.
    private mutating func sendPiece(
        of work: PendingAnswers.Work,
        now: Instant,
        into outputs: inout Outputs
    ) -> (PendingAnswers.Work, UInt64)? {
        switch work {
        case .capabilities(let next):
            return sendCapability(next, now: now, into: &outputs)
        case .errorLog(let receiver, let requestHandle):
            return sendErrorLogEntry(to: receiver, requestHandle: requestHandle, now: now, into: &outputs)
        case .load(let load, let requestHandle):
            return sendLoad(load, requestHandle: requestHandle, now: now, into: &outputs)
        case .counter(let counter, let receiver):
            return sendCounter(counter, to: receiver, now: now, into: &outputs)
        }
    }

    private mutating func sendCapability(
        _ index: UInt32,
        now: Instant,
        into outputs: inout Outputs
    ) -> (PendingAnswers.Work, UInt64)? {
        let entry = capability(at: index)
        let content = entry.map { Capability.Content.entry($0) } ?? .end(amount: index)
        send(Capability(sender: identity.node, receiver: .broadcast, content: content), now: now, into: &outputs)
        return entry == nil ? nil : (.capabilities(next: index + 1), configuration.timing.capabilityPeriod)
    }

    private mutating func sendErrorLogEntry(
        to receiver: NodeID,
        requestHandle: UInt8,
        now: Instant,
        into outputs: inout Outputs
    ) -> (PendingAnswers.Work, UInt64)? {
        guard let entry = status.errorLog.takeFirst() else { return nil }
        sendModule(
            .statusReporter(.errorLogEntry(entry)),
            to: receiver,
            requestHandle: requestHandle,
            now: now,
            into: &outputs
        )
        let isLast = entry.errorType == .custom && entry.errorCode == ErrorCode.endMarker.rawValue
        return isLast
            ? nil
            : (.errorLog(to: receiver, requestHandle: requestHandle), configuration.timing.errorLogPeriod)
    }

    private mutating func sendLoad(
        _ load: GenerateLoad,
        requestHandle: UInt8,
        now: Instant,
        into outputs: inout Outputs
    ) -> (PendingAnswers.Work, UInt64)? {
        let size = min(Int(load.size), 192)
        let chunk = InlineBytes<192>(repeatElement(0x91, count: size))
        sendModule(
            .node(.generateLoadChunk(chunk)),
            to: load.target,
            requestHandle: requestHandle,
            now: now,
            into: &outputs
        )
        guard load.amount > 1 else { return nil }
        var rest = load
        rest.amount -= 1
        return (.load(rest, requestHandle: requestHandle), UInt64(load.intervalDs) * 100_000)
    }

    private mutating func sendCounter(
        _ counter: StartCounter,
        to receiver: NodeID,
        now: Instant,
        into outputs: inout Outputs
    ) -> (PendingAnswers.Work, UInt64)? {
        sendModule(.debug(.counter(value: counter.value)), to: receiver, requestHandle: 0, now: now, into: &outputs)
        guard counter.count > 1 else { return nil }
        var rest = counter
        rest.count -= 1
        rest.value &+= 1
        return (.counter(rest, to: receiver), counterWait(counter))
    }

    /// More than the interval passes before each number.
    func counterWait(_ counter: StartCounter) -> UInt64 {
        UInt64(counter.intervalSeconds) * 1_000_000 + configuration.timing.tick
    }

    private mutating func sendModule(
        _ content: ModuleContent,
        to receiver: NodeID,
        requestHandle: UInt8,
        now: Instant,
        into outputs: inout Outputs
    ) {
        send(
            ModuleMessage(sender: identity.node, receiver: receiver, requestHandle: requestHandle, content: content),
            now: now,
            into: &outputs
        )
    }
}
