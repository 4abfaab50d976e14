import ByteCoding
import MeshWire
import RadioPort

// Time reports of the status reporter (protocol §10.1): the node tells its local time, to everybody at a stored interval, or
// to one node at every tick for ten minutes.
extension Node {
    /// The component and register that carry the local time.
    private static let timeComponent: UInt16 = 0xABCD
    private static let timeRegister: UInt16 = 0x1234

    /// Begins to report at the stored interval, or stops; a module that is off reports to nobody.
    mutating func startTimeReporting(now: Instant) {
        let isOn = isActive(.plain(.statusReporter))
        let interval = isOn ? stored.timeReportingInterval : 0
        if !isOn {
            status.timeReporting.listener = nil
        }
        status.timeReporting.nextBroadcast =
            interval == 0 ? nil : tick(from: now.advanced(byMicroseconds: UInt64(interval) * 100_000))
        scheduleTimeReport(now: now)
    }

    /// Stores the interval of reports to everybody.
    mutating func setTimeReporting(
        _ interval: UInt16,
        _ request: ModuleMessage,
        now: Instant,
        into outputs: inout Outputs
    ) {
        if stored.timeReportingInterval != interval {
            stored.timeReportingInterval = interval
            persist(into: &outputs)
        }
        startTimeReporting(now: now)
        let state = TimeReportingState(code: 0, intervalDs: interval)
        answer(request, .statusReporter(.timeReportingState(state)), now: now, into: &outputs)
    }

    /// A write to the time register: 1 asks for the time at every tick, 0 for no more.
    ///
    /// All other components are for whoever uses the node.
    mutating func act(on message: ComponentMessage, now: Instant) {
        guard message.module == .plain(.statusReporter), isActive(message.module),
            message.actionType == ComponentMessage.Act.write,
            message.component == Self.timeComponent, message.registerAddress == Self.timeRegister,
            message.payload.count > 0, message.sender.isValidSender
        else { return }
        if message.payload[0] == 0 {
            status.timeReporting.listener = nil
        } else {
            status.timeReporting.listener = TimeReporting.Listener(
                node: message.sender,
                requestHandle: message.requestHandle,
                until: now.advanced(byMicroseconds: configuration.timing.timeReportingLimit)
            )
        }
        scheduleTimeReport(now: now)
    }

    /// Sends the reports that are due.
    mutating func reportTime(now: Instant, into outputs: inout Outputs) {
        if let listener = status.timeReporting.listener {
            if now <= listener.until {
                sendTime(to: listener.node, requestHandle: listener.requestHandle, now: now, into: &outputs)
            } else {
                status.timeReporting.listener = nil
            }
        }
        if let due = status.timeReporting.nextBroadcast, due <= now {
            sendTime(to: .broadcast, requestHandle: 0, now: now, into: &outputs)
            let interval = UInt64(stored.timeReportingInterval) * 100_000
            status.timeReporting.nextBroadcast = tick(from: max(now, due).advanced(byMicroseconds: interval))
        }
        scheduleTimeReport(now: now)
    }

    private mutating func scheduleTimeReport(now: Instant) {
        timers.stop(.timeReporting)
        if status.timeReporting.listener != nil {
            timers.set(.timeReporting, at: tick(after: now))
        }
        if let due = status.timeReporting.nextBroadcast {
            timers.setNoLater(.timeReporting, at: due)
        }
    }

    private mutating func sendTime(
        to receiver: NodeID,
        requestHandle: UInt8,
        now: Instant,
        into outputs: inout Outputs
    ) {
        let time = clock.localSeconds(at: ticks(at: now))
        guard let payload = try? InlineBytes<188>(writing: { (writer) throws(CodingError) in try writer.write(time) })
        else { return }
        send(
            ComponentMessage(
                direction: .sense,
                sender: identity.node,
                receiver: receiver,
                module: .plain(.statusReporter),
                requestHandle: requestHandle,
                actionType: ComponentMessage.Sense.unsolicited,
                component: Self.timeComponent,
                registerAddress: Self.timeRegister,
                payload: payload
            ),
            now: now,
            into: &outputs
        )
    }
}
