import ByteCoding
import MeshCore
import MeshWire
import RadioPort

/// Answers requests for a survey of the mesh: asks through the node, in the node's time, and tells what comes.
///
/// What was learned is kept, so that the next request costs nothing while the answers are new enough.
final class Surveyor {
    /// Between two objects that tell how far it is, in microseconds.
    private static let progressPeriod: UInt64 = 500_000
    /// Objects of an answer before something else may have its turn: a millisecond or two.
    private static let portion = 400
    /// Wait for a client that does not read, in microseconds.
    private static let backoff: UInt64 = 50_000

    /// A request that is not answered to the end.
    private struct Pending {
        let request: SurveyRequest
        let reply: ControlReply
        let deadline: Instant
        var progressAt: Instant
        /// What is told, once it is.
        var report: SurveyReport?
    }

    private unowned let host: any ControlledNode
    private var survey: MeshSurvey
    private var pending: [Pending] = []
    private var isWorking = false

    /// A surveyor that knows what the events of the past tell.
    init(_ host: any ControlledNode, past: [(at: Instant, event: EventHistory.Event)]) {
        self.host = host
        survey = MeshSurvey(by: host.node.identity.node, at: host.now)
        for (instant, event) in past {
            if case .delivered(let bytes) = event { survey.take(MessageBytes(bytes), at: instant) }
        }
    }

    func answer(_ request: SurveyRequest, to reply: ControlReply) {
        let now = host.now
        survey.observe(host.node, at: now)
        survey.want(request, at: now)
        pending.append(
            Pending(
                request: request,
                reply: reply,
                deadline: now.advanced(byMicroseconds: request.wait),
                progressAt: now.advanced(byMicroseconds: Self.progressPeriod)
            )
        )
        work()
    }

    /// The node got a message.
    func delivered(_ message: MessageBytes, at now: Instant) {
        if survey.take(message, at: now) { work() }
    }

    /// Does what there is to do now, and has itself woken for the rest.
    func work() {
        // A question to the own node is answered while it is put.
        guard !isWorking else { return }
        isWorking = true
        defer { isWorking = false }
        let now = host.now
        survey.observe(host.node, at: now)
        var step = survey.step(at: now)
        while case .ask(let question) = step {
            if let bytes: MessageBytes = try? question.encoded() { host.feed(.request(.send(bytes))) }
            step = survey.step(at: now)
        }
        var next: Instant?
        if case .wait(let until) = step { next = until }
        for index in pending.indices {
            let due = tell(&pending[index], isComplete: step == .done, at: now)
            next = min(next ?? due, due)
        }
        pending.removeAll { !$0.reply.isWanted }
        if pending.isEmpty, step == .done { next = nil }
        host.wakeControl(at: next)
    }

    /// Answers a request if it is time; returns when there is more to tell.
    private func tell(_ pending: inout Pending, isComplete: Bool, at now: Instant) -> Instant {
        if pending.report == nil, isComplete || pending.deadline <= now {
            pending.report = SurveyReport(
                survey,
                for: pending.request,
                isComplete: isComplete,
                ownName: host.surroundings.name,
                at: now
            )
        }
        guard pending.report != nil else {
            if pending.progressAt <= now {
                pending.reply.send(progress)
                pending.progressAt = now.advanced(byMicroseconds: Self.progressPeriod)
            }
            return min(pending.deadline, pending.progressAt)
        }
        for _ in 0..<Self.portion {
            guard pending.reply.hasRoom else { return now.advanced(byMicroseconds: Self.backoff) }
            guard let object = pending.report?.next() else {
                pending.reply.finish()
                return now
            }
            pending.reply.send(object)
        }
        return now
    }

    private var progress: JSONObject {
        var object = JSONObject(kind: "progress")
        object.append("expected", integer: survey.expected)
        object.append("found", integer: survey.nodes.count)
        object.append("answered", integer: survey.nodes.count { $0.linksAt != nil })
        return object
    }
}
