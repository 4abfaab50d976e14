package import ByteCoding
import MeshConfiguration
package import MeshCore
import MeshWire
package import RadioPort

/// Answers requests about one node, and tells its subscribers what happens: the same for a daemon and for a simulated node.
package final class NodeControl: ControlSource {
    private unowned let host: any ControlledNode
    private var history: EventHistory
    private var decisions = DecisionLog()
    /// Once somebody has asked for a survey: whoever does not ask pays nothing for it.
    private var surveyor: Surveyor?
    /// The socket, once there is one.
    package weak var server: ControlServer?

    /// The control of a node.
    ///
    /// - Parameters:
    ///   - host: what runs the node; it must outlive this.
    ///   - eventsKept: how many of the latest events are kept for those who ask later.
    package init(_ host: any ControlledNode, eventsKept: Int = 2048) {
        self.host = host
        history = EventHistory(capacity: eventsKept)
    }

    // MARK: - Events

    /// The node thought something.
    package func traced(_ event: TraceEvent, at now: Instant) {
        decisions.record(event, at: now)
        happened(.trace(event), at: now)
    }

    /// The node got a message.
    package func delivered(_ message: InlineBytes<200>, at now: Instant) {
        happened(.delivered(KeyConcealment.concealed(message).array), at: now)
        surveyor?.delivered(message, at: now)
    }

    private func happened(_ event: EventHistory.Event, at now: Instant) {
        history.keep(event, at: now)
        guard let server, server.isMonitored else { return }
        server.publish(told(event, at: now))
    }

    package func events(ofLast microseconds: UInt64) -> [ControlEvent] {
        let now = host.now.microseconds
        let begin = Instant(microseconds: now - min(now, microseconds))
        return history.events(since: begin).map { told($0.event, at: $0.at) }
    }

    private func told(_ event: EventHistory.Event, at instant: Instant) -> ControlEvent {
        var object = JSONObject(kind: "event")
        object.append("at_s", .seconds(instant.microseconds(since: host.surroundings.startedAt)))
        switch event {
        case .trace(let event):
            object.append(contentsOf: event.fields)
            return ControlEvent(object, about: decisions.context.nodes(of: event))
        case .delivered(let message):
            object.append("trace", "delivered")
            object.append("bytes", text: Hex.encode(message))
            let header = try? MessageHeader(bytes: MessageBytes(message))
            return ControlEvent(object, about: header.map { [$0.sender, $0.receiver] } ?? [])
        }
    }

    // MARK: - Requests

    package func answer(_ verb: ControlRequest.Verb, to reply: ControlReply) {
        switch verb {
        case .survey(let request): return survey(request, to: reply)
        case .status:
            reply.send(
                StatusReport.object(host.node, host.surroundings, counters: host.radioCounters, now: host.now)
            )
        case .links:
            let now = host.now
            for link in host.node.linkViews { reply.send(LinkReport.object(link, now)) }
        case .neighbors:
            for object in NeighbourReport(of: host.node, at: host.now).objects { reply.send(object) }
        case .why(let question):
            let report = WhyReport(host.node, decisions, at: host.now, in: host.surroundings)
            for object in report.answer(question) { reply.send(object) }
        // The server's own.
        case .monitor: break
        case .send(let message):
            // Before what it leads to: round trips are measured from here.
            let now = host.now
            host.feed(.request(.send(message)))
            var sent = JSONObject(kind: "sent")
            sent.append("at_s", .seconds(now.microseconds(since: host.surroundings.startedAt)))
            reply.send(sent)
        case .log, .order:
            do throws(ControlError) {
                try change(verb)
            } catch {
                return reply.fail(error)
            }
        case .record, .capture:
            do throws(ControlError) {
                if let object = try files(verb) { reply.send(object) }
            } catch {
                return reply.fail(error)
            }
        }
        reply.finish()
    }

    private func survey(_ request: SurveyRequest, to reply: ControlReply) {
        let surveyor = surveyor ?? Surveyor(host, past: history.events(since: .zero))
        self.surveyor = surveyor
        surveyor.answer(request, to: reply)
    }

    /// The time has come that ``ControlledNode/wakeControl(at:)`` was told.
    package func wake() { surveyor?.work() }

    private func files(_ verb: ControlRequest.Verb) throws(ControlError) -> JSONObject? {
        switch verb {
        case .record(let order): try host.record(order)
        case .capture(let order): try host.capture(order)
        default: nil
        }
    }

    private func change(_ verb: ControlRequest.Verb) throws(ControlError) {
        switch verb {
        case .log(let level): try host.log(from: level)
        case .order(let order): host.feed(.request(try order.request(of: host.node)))
        default: return
        }
    }
}
