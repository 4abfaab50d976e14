import ByteCoding
import MeshWire
public import RadioPort

/// The time of a network as one node knows it.
public struct NetworkTime: Sendable, Equatable {
    /// Seconds since 1970, or since boot if nobody has set a time.
    public var seconds: UInt32
    /// Cycles of 1/32768 s on top.
    public var cycles: UInt32
    /// Offset of local time in minutes.
    public var offsetMinutes: Int16
    /// Whether anybody has set a time.
    public var isSet: Bool
    /// Whether it was set at this node.
    public var isTimeMaster: Bool
}

// Handing the time on, from partner to partner (protocol §10.4).
//
// At a tick, if the last step of this node lies 5 s or more back, every link that needs one gets its next step. A node none of
// whose partners needs one has no timer.
extension Node {
    /// The time as this node knows it.
    public func networkTime(at now: Instant) -> NetworkTime {
        let time = clock.time(at: ticks(at: now))
        return NetworkTime(
            seconds: time.syncTime &+ time.timeSinceSync,
            cycles: time.additionalTicks,
            offsetMinutes: time.offset,
            isSet: clock.isSynced,
            isTimeMaster: clock.isTimeMaster
        )
    }

    /// Ticks of the main timer since boot.
    @inline(__always)
    func ticks(at now: Instant) -> UInt64 { now.microseconds(since: bootedAt) / configuration.timing.tick }

    /// A time was set at this node: all partners shall have it.
    mutating func becomeTimeMaster(seconds: UInt32, offsetMinutes: Int16, now: Instant) {
        clock.set(seconds: seconds, offsetMinutes: offsetMinutes, at: ticks(at: now))
        scheduleClusteringChange(now: now)
        markLinksUnsynced()
        scheduleTimeSync(now: now)
    }

    /// Sets the timer for the next step if a partner needs one.
    mutating func scheduleTimeSync(now: Instant) {
        guard clock.isCorrected, anyLinkNeedsTime else {
            timers.stop(.timeSync)
            return
        }
        let earliest = lastTimeSyncAt?.advanced(byMicroseconds: configuration.timing.timeSyncPeriod) ?? now
        timers.set(.timeSync, at: tick(from: max(now, earliest)))
    }

    /// The next step to every partner that needs one.
    mutating func syncTime(now: Instant, into outputs: inout Outputs) {
        guard clock.isCorrected, anyLinkNeedsTime else { return }
        lastTimeSyncAt = now
        for index in links.indices where links.isMeshEdge(index) && links[index].timeSync.needsStep {
            sendTimeSyncStep(on: index, now: now, into: &outputs)
        }
        scheduleTimeSync(now: now)
    }

    private mutating func sendTimeSyncStep(on index: Int, now: Instant, into outputs: inout Outputs) {
        let tick = ticks(at: now)
        let phase: TimeSync.Phase
        switch links[index].timeSync.state {
        case .unsynced, .offered:
            links[index].timeSync.offer(at: tick)
            phase = .initial(clock.time(at: tick), counter: clock.counter)
        case .taken:
            phase = .correction(ticks: clock.cycles(in: links[index].timeSync.waitedTicks))
        case .done:
            return
        }
        enqueue(
            TimeSync(sender: identity.node, receiver: links[index].partner, phase: phase),
            on: index,
            into: &outputs
        )
    }

    /// TIME_SYNC from a partner.
    mutating func timeSyncReceived(
        _ message: TimeSync,
        from slot: UInt8?,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard let slot, let index = index(slot: slot) else { return }
        let tick = ticks(at: now)
        switch message.phase {
        case .initial(let time, let counter):
            if clock.adopt(time, counter: counter, at: tick) {
                markLinksUnsynced()
                scheduleClusteringChange(now: now)
            }
            reply(to: message, .initialReply, now: now, into: &outputs)
        case .initialReply:
            links[index].timeSync.initialAnswered()
            scheduleTimeSync(now: now)
        case .correction(let cycles):
            if clock.correct(by: cycles, at: tick) {
                scheduleTimeSync(now: now)
                scheduleClusteringChange(now: now)
            }
            reply(to: message, .correctionReply, now: now, into: &outputs)
        case .correctionReply:
            links[index].timeSync.correctionAnswered()
            scheduleTimeSync(now: now)
        case .interNetwork(let time):
            guard identity.deviceType == .asset || !clock.isSynced else { return }
            clock.adoptFromOtherNetwork(time, at: tick)
            scheduleTimeSync(now: now)
            scheduleClusteringChange(now: now)
        case .unknown:
            return
        }
    }

    private mutating func reply(
        to message: TimeSync,
        _ phase: TimeSync.Phase,
        now: Instant,
        into outputs: inout Outputs
    ) {
        send(TimeSync(sender: identity.node, receiver: message.sender, phase: phase), now: now, into: &outputs)
    }

    @inline(__always)
    private var anyLinkNeedsTime: Bool {
        for index in links.indices where links.isMeshEdge(index) && links[index].timeSync.needsStep {
            return true
        }
        return false
    }

    private mutating func markLinksUnsynced() {
        for index in links.indices {
            links[index].timeSync.reset()
        }
    }
}

extension TimeSync {
    /// Whether a write of a TIME_SYNC that begins at `offset` carries INITIAL.
    static func isInitial(_ value: AttributeValue, in offset: Int) -> Bool {
        let phase = offset + MessageHeader.encodedSize
        return value.count > phase && value[phase] == 0
    }
}
