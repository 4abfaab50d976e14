public import RadioPort

/// How a node behaves: everything about it that is neither identity nor state.
public struct Configuration: Sendable {
    /// Mesh links as peripheral, 0...2 (protocol §5.1).
    public var meshInLinks: UInt8 = 2
    /// Mesh links as central, 0...3.
    public var meshOutLinks: UInt8 = 3
    /// How clusters form.
    public var clustering = ClusteringMode.classic
    /// When a classic node looks for a partner.
    public var decision = DecisionPolicy.periodic
    /// What graft clustering adds to ``timing``.
    public var graft = GraftPolicy()
    /// Every interval, period and time-out.
    public var timing = Timing()
    /// Weakest signal of a candidate, inclusive, in dBm (protocol §2.5).
    public var rssiThreshold: Int8 = -85
    /// Attempts after which a candidate is left alone for a while (protocol §4.3).
    public var attemptsBeforeBackOff: UInt8 = 5
    /// Whether the MeshAccess broadcast shares the advertiser with JOIN_ME (protocol §10.10).
    public var accessBroadcast = true
    /// Whether the all-zero key opens a node that is not enrolled: everybody near may enrol it (protocol §1.10).
    public var acceptsZeroKey = false
    /// Whether messages to the nearest sink follow the known hops (protocol §9.4).
    public var sinkRouting = true
    /// Transmit power announced in JOIN_ME, in dBm.
    public var txPower: Int8 = 4
    /// Live reports up to this level are broadcast (protocol §10.1).
    public var liveReportLevel: UInt8 = 100
    /// Whether the node emits trace values; they cost time and change nothing else.
    public var tracing = false

    /// The defaults of the reference firmware.
    public init() {}

    /// The recommended settings of a clustering mode; those of classic are the defaults of the reference firmware.
    public init(clustering: ClusteringMode) {
        self.clustering = clustering
        if clustering == .graft {
            timing = .graft
        }
    }

    /// Takes the recommended settings of another mode; what is no matter of clustering stays.
    mutating func change(to mode: ClusteringMode) {
        guard mode != clustering else { return }
        let discoveryTimeout = timing.highDiscoveryTimeout
        let recommended = Configuration(clustering: mode)
        clustering = mode
        timing = recommended.timing
        timing.highDiscoveryTimeout = discoveryTimeout
    }
}

/// The timing constants of protocol §2.5, in microseconds unless the name says otherwise.
///
/// The node's main timer ticks every 0.2 s from boot; whatever is due is done at the next tick.
public struct Timing: Sendable {
    /// One tick of the main timer.
    public var tick: UInt64 = 200_000
    /// Clock cycles of 1/32768 s that one tick adds to the node's time.
    public var tickCycles: UInt32 = 6554
    /// JOIN_ME advertising interval in HIGH.
    public var advertisingHigh: UInt32 = 100_000
    /// JOIN_ME advertising interval in LOW and IDLE.
    public var advertisingLow: UInt32 = 200_000
    /// MeshAccess advertising interval.
    public var advertisingAccess: UInt32 = 100_000
    /// JOIN_ME advertising interval after a link loss.
    public var advertisingFast: UInt32 = 20_000
    /// Least advertising interval while not connectable.
    public var advertisingNonConnectable: UInt32 = 100_000
    /// Time that an advertising job stays on air.
    public var advertisingSlot: UInt64 = 400_000
    /// Slots of fast advertising after a link loss.
    public var fastAdvertisingSlots: UInt8 = 10
    /// Scanning in HIGH.
    public var scanHigh = ScanTiming(intervalMicroseconds: 75_000, windowMicroseconds: 7_500)
    /// Scanning in LOW; controllers round the window down to 2.5 ms.
    public var scanLow = ScanTiming(intervalMicroseconds: 250_000, windowMicroseconds: 3_000)
    /// Scanning while initiating.
    public var scanInitiating = ScanTiming(intervalMicroseconds: 75_000, windowMicroseconds: 37_500)
    /// Connect attempt of a decision.
    public var connectTimeout: UInt32 = 2_000_000
    /// Connect attempt of a re-establishment.
    public var reconnectTimeout: UInt32 = 10_000_000
    /// Connect attempt of an emergency disconnect.
    public var emergencyConnectTimeout: UInt32 = 10_000_000
    /// Least time between decisions.
    public var decisionPeriod: UInt64 = 2_000_000
    /// Random extra time of a decision, 0 or this.
    public var decisionJitter: UInt64 = 100_000
    /// Longest time from a usable JOIN_ME to the decision of an eager node.
    public var eagerDelay: UInt64 = 100_000
    /// JOIN_ME maximum age.
    public var joinMeMaximumAge: UInt64 = 10_000_000
    /// Handshake time-out.
    public var handshakeTimeout: UInt64 = 5_000_000
    /// Re-establishment window.
    public var reestablishmentWindow: UInt64 = 10_000_000
    /// Least link age for re-establishment.
    public var reestablishmentMinimumAge: UInt64 = 10_000_000
    /// Pending-connect watchdog.
    public var pendingConnectWatchdog: UInt64 = 10_000_000
    /// Unheard call of a bigger cluster before the emergency disconnect.
    public var emergencyTrigger: UInt64 = 120_000_000
    /// Delay of a discovery transition driven by the cluster size.
    public var sizeTransitionDelay: UInt64 = 10_000_000
    /// HIGH to LOW, 0 never.
    public var highDiscoveryTimeout: UInt64 = 0
    /// Period of the enrolled-nodes synchronisation.
    public var enrolledNodesPeriod: UInt64 = 5_000_000
    /// Period of the time synchronisation.
    public var timeSyncPeriod: UInt64 = 5_000_000
    /// Least time between entries of the error log.
    public var errorLogPeriod: UInt64 = 500_000
    /// Time between capability entries.
    public var capabilityPeriod: UInt64 = 1_000_000
    /// How long time reports at every tick go on.
    public var timeReportingLimit: UInt64 = 600_000_000
    /// Time before the restart that new preferred partners need.
    public var preferredConnectionsDelay: UInt64 = 10_000_000
    /// Time before the restart with a new enrolment.
    public var enrolmentDelay: UInt64 = 4_000_000
    /// Time before the restart without the enrolment that was taken away.
    public var enrolmentRemovalDelay: UInt64 = 1_000_000
    /// Time that must be left to connect to a device that is to be enrolled.
    public var enrolmentLeastTime: UInt64 = 2_000_000
    /// Least time for the answer of a device that was asked.
    public var enrolmentAnswerTime: UInt64 = 4_000_000
    /// Time before a device is connected to again whose link was lost.
    public var enrolmentRetry: UInt64 = 1_000_000
    /// Unanswered write request.
    public var requestTimeout: UInt64 = 30_000_000
    /// Mesh connection parameters.
    public var meshParameters = ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100)
    /// Mesh connection parameters towards a LEAF.
    public var leafParameters = ConnectionParameters(interval: 72, latency: 0, supervisionTimeout: 100)
    /// MeshAccess connection parameters.
    public var accessParameters = ConnectionParameters(interval: 8, latency: 0, supervisionTimeout: 100)

    /// The defaults of the reference firmware.
    public init() {}
}
