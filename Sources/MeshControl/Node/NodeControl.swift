package import ByteCoding
import MeshConfiguration
package import MeshCore
import RadioPort

/// Answers requests about one node, and tells its subscribers what happens: the same for a daemon and for a simulated node.
package final class NodeControl: ControlSource {
    private unowned let host: any ControlledNode
    private var history = EventHistory()
    /// The socket, once there is one.
    package weak var server: ControlServer?

    /// The control of a node.
    ///
    /// - Parameter host: what runs the node; it must outlive this.
    package init(_ host: any ControlledNode) { self.host = host }

    // MARK: - Events

    /// The node thought something.
    package func traced(_ event: TraceEvent) { happened(.trace(event)) }

    /// The node got a message.
    package func delivered(_ message: InlineBytes<200>) { happened(.delivered(message)) }

    private func happened(_ event: EventHistory.Event) {
        let now = host.now
        history.keep(event, at: now)
        guard let server, server.isMonitored else { return }
        server.publish(object(event, at: now))
    }

    package func events(ofLast microseconds: UInt64) -> [JSONObject] {
        let now = host.now.microseconds
        return history.events(since: Instant(microseconds: now - min(now, microseconds))).map {
            object($0.event, at: $0.at)
        }
    }

    private func object(_ event: EventHistory.Event, at instant: Instant) -> JSONObject {
        var object = JSONObject(kind: "event")
        object.append("at_s", .seconds(instant.microseconds(since: host.surroundings.startedAt)))
        switch event {
        case .trace(let event): object.append(contentsOf: event.fields)
        case .delivered(let message):
            object.append("trace", "delivered")
            object.append("bytes", text: message.description)
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
