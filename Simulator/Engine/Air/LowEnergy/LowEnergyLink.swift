import RadioPort

/// A connection: two ends, and anchors at which the central begins an event every interval (Core 5.4 Vol 6 Part B 4.5).
///
/// Holds no references: it is looked at more often than anything else, by whoever shares a radio with it.
struct LowEnergyLink: Sendable {
    let central: Int
    let peripheral: Int
    /// Start of an event, in nanoseconds: that with the number ``count``.
    var anchor: UInt64
    var count: UInt64 = 0
    /// By the central's clock, in nanoseconds.
    var period: UInt64
    var parameters: ConnectionParameters
    /// Longest silence, in nanoseconds.
    var supervision: UInt64
    /// The first moment of the link: nothing can have been heard before.
    var bornAt: UInt64
    /// Largest payload of a packet in bytes.
    var payloadMax = 27
    var key: Key128?
    var isEncrypted = false
    /// Whether the next event is in the queue because there is something to carry.
    var isActive = true
    /// The last event that was worked through, from its anchor to its end.
    var eventStart: UInt64 = 0
    var eventEnd: UInt64 = 0
    /// What the queue's events must carry to be meant for this link.
    var stamp: UInt32
    /// Parameters under way to their instant.
    var pending: ConnectionParameters?

    /// Which end a node is: 0 the central's, 1 the peripheral's.
    func end(of node: Int) -> Int { central == node ? 0 : 1 }

    /// Number of the last event that begins before a time, counted like ``count``; nil if none does.
    @inline(__always)
    func lastEvent(before time: UInt64) -> (number: UInt64, anchor: UInt64)? {
        if time <= anchor {
            // Events before the anchor that is kept; there are none before the link.
            let back = anchor - time < period ? 1 : (anchor - time) / period + 1
            guard back <= count else { return nil }
            return (count - back, anchor - back * period)
        }
        let passed = time - 1 - anchor < period ? 0 : (time - 1 - anchor) / period
        return (count + passed, anchor + passed * period)
    }

    /// Reckons from an event shortly before a time from now on, so that the next question takes no division.
    @inline(__always)
    mutating func catchUp(to time: UInt64) {
        guard time > anchor + period else { return }
        (count, anchor) = firstEvent(from: time - period)
    }

    /// The first event that begins at a time or later.
    @inline(__always)
    func firstEvent(from time: UInt64) -> (number: UInt64, anchor: UInt64) {
        guard time > anchor else { return (count, anchor) }
        let passed = time - anchor <= period ? 1 : (time - anchor + period - 1) / period
        return (count + passed, anchor + passed * period)
    }

    /// Interval of some parameters by a clock that is off by `ppm`, in nanoseconds.
    static func period(_ parameters: ConnectionParameters, ppm: Int) -> UInt64 {
        let nominal = UInt64(parameters.interval) * Airtime.intervalUnit
        return UInt64(Int(nominal) + Int(nominal) * ppm / 1_000_000)
    }

    /// Whether the peripheral attends an event: with latency, only every so manieth while there is nothing to say.
    @inline(__always)
    func isAttended(_ number: UInt64) -> Bool {
        parameters.latency == 0 || isActive || number % UInt64(parameters.latency + 1) == 0
    }
}

/// One end of a link, that of the central or that of the peripheral.
///
/// Each end has the link by itself: it may be there at one and not at the other, until supervision takes it down there too.
struct LinkEnd: Sendable {
    static let central = 0
    static let peripheral = 1

    var node: Int32
    /// The link in the numbering of that radio.
    var id = LinkID(rawValue: 0)
    var isUp = false
    /// Whether a packet of the other end has ever arrived.
    var isEstablished = false
    /// When one last did, as far as is known, in nanoseconds.
    var heardAt: UInt64 = 0
    var queue = LinkQueue()
    /// Commands and notifications acknowledged in the event being worked on.
    var acknowledged: UInt8 = 0
    /// Whether the host has asked to close the link.
    var isClosing = false
    /// Average strength of the other end here, in thousandths of a dBm; nil if it is out of reach.
    var strength: Int32?
    /// Strength that the host was told last, in dBm.
    var toldStrength: Int8 = 0
}
