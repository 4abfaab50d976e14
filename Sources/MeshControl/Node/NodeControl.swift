package import ByteCoding
import MeshConfiguration
package import MeshCore
package import RadioPort

/// Answers requests about one node, and tells its subscribers what happens: the same for a daemon and for a simulated node.
package final class NodeControl: ControlSource {
    private unowned let host: any ControlledNode
    private var history: EventHistory
    private var decisions = DecisionLog()
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
        happened(.delivered(message.array), at: now)
    }

    private func happened(_ event: EventHistory.Event, at now: Instant) {
        history.keep(event, at: now)
        guard let server, server.isMonitored else { return }
        server.publish(object(event, at: now))
    }

    package func events(ofLast microseconds: UInt64) -> [JSONObject] {
        let now = host.now.microseconds
        let begin = Instant(microseconds: now - min(now, microseconds))
        return history.events(since: begin).map { object($0.event, at: $0.at) }
    }

    private func object(_ event: EventHistory.Event, at instant: Instant) -> JSONObject {
        var object = JSONObject(kind: "event")
        object.append("at_s", .seconds(instant.microseconds(since: host.surroundings.startedAt)))
        switch event {
        case .trace(let event): object.append(contentsOf: event.fields)
        case .delivered(let message):
            object.append("trace", "delivered")
            object.append("bytes", text: Hex.encode(message))
        }
        return object
    }

    // MARK: - Requests

    package func answer(_ verb: ControlRequest.Verb, to reply: ControlReply) {
        switch verb {
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
        case .send(let message): host.feed(.request(.send(message)))
        case .log(let level):
            do throws(ControlError) {
                try host.log(from: level)
            } catch {
                return reply.fail(error)
            }
        case .record(let order):
            do throws(ControlError) {
                reply.send(try host.record(order))
            } catch {
                return reply.fail(error)
            }
        }
        reply.finish()
    }
}
