import RadioPort

/// Every constant of graft clustering beyond those of ``Timing``; times in microseconds.
///
/// Safety depends on none of them: they only decide how fast clusters find each other and how their trees look.
public struct GraftPolicy: Sendable {
    /// How long a neighbour that was heard once counts as there.
    public var candidateAge: UInt64 = 2_000_000
    /// How long a root listens for better partners after it heard the first.
    public var collecting: UInt64 = 300_000
    /// How long after a loss of nodes a cluster counts as healing: few parts are left over, and nobody listens any longer.
    public var healing: UInt64 = 5_000_000
    /// How much longer than a root another node waits before it asks for the role, for each hop that it is from the far end of
    /// its tree; not while healing.
    ///
    /// So clusters concede by the middle if they can, which keeps trees flat.
    public var askDelayPerHop: UInt64 = 150_000
    /// Hops that add to that delay at most.
    public var askDelayHops: UInt8 = 10
    /// Random extra time of any act, 0 to this, so that neighbours do not act at once.
    public var jitter: UInt64 = 50_000
    /// How long a node acts on the role of the root while others wait for it.
    public var roleHold: UInt64 = 2_000_000
    /// How long the call bit is set.
    public var call: UInt64 = 1_500_000
    /// How long a root has only partners without a fitting slot before it knocks at one.
    public var knockAfter: UInt64 = 2_000_000
    /// Random extra time of that, 0 to this.
    public var knockJitter: UInt64 = 1_000_000
    /// How long a slot that was freed on request is kept.
    public var reservation: UInt64 = 3_000_000
    /// How long no other child is let go for one that was let go itself; its call is answered.
    public var letGoBan: UInt64 = 5_000_000
    /// Least time for which a partner is left alone after an engagement that came to nothing.
    public var engagementBan: UInt64 = 1_000_000
    /// Random extra time of that, 0 to this.
    public var engagementBanJitter: UInt64 = 2_000_000
    /// Least time for which a partner is left alone after a failed connect attempt, times the number of failures up to 8.
    public var attemptBan: UInt64 = 200_000
    /// Random extra time of that, 0 to this, times the number of failures up to 8.
    public var attemptBanJitter: UInt64 = 400_000
    /// By how many times its length a connect attempt grows at most, one for each failure.
    public var attemptGrowth: UInt8 = 2
    /// How long a partner with another version of the protocol is left alone.
    public var versionBan: UInt64 = 60_000_000
    /// Weakest signal of a neighbour after a time without any candidate, in dBm.
    public var relaxedThreshold: Int8 = -92
    /// How long that time is.
    public var relaxAfter: UInt64 = 20_000_000
    /// The part of its rank by which a cluster must have outgrown it before the root raises it.
    public var rankSlack: UInt32 = 4
    /// How often an idle link tells its state again.
    public var refreshPeriod: UInt64 = 30_000_000
    /// How long after a neighbour was heard it still counts as an alternative.
    public var alternativeAge: UInt64 = 10_000_000
    /// Alternatives beyond this number make no difference when a child is let go.
    public var alternativesCap: UInt8 = 3
    /// How often a neighbour that runs the other mode is spoken of.
    public var otherModePeriod: UInt64 = 60_000_000
    /// Rules that tests break on purpose.
    package var plantedFaults: PlantedFaults = []

    /// The recommended constants.
    public init() {}
}

extension Timing {
    /// The constants of graft clustering: more scanning, short attempts, and no waiting for what is gone.
    public static var graft: Timing {
        var timing = Timing.brisk
        timing.handshakeTimeout = 2_500_000
        return timing
    }

    /// Shorter times for nodes that need not save energy; every one of them may also be given to classic nodes.
    public static var brisk: Timing {
        var timing = Timing()
        timing.scanHigh = ScanTiming(intervalMicroseconds: 75_000, windowMicroseconds: 37_500)
        // Who initiates hears nothing else, and not for long: it listens all the time. An advertiser is caught at its first or
        // second packet, not at its third.
        timing.scanInitiating = ScanTiming(intervalMicroseconds: 75_000, windowMicroseconds: 75_000)
        timing.connectTimeout = 800_000
        timing.reconnectTimeout = 1_000_000
        timing.reestablishmentWindow = 1_000_000
        timing.reestablishmentMinimumAge = 1_000_000
        return timing
    }
}
