import ByteCoding
import MeshCore
import MeshWire
import RadioPort

// A configuration has so many fields that naming each twice, to read and to write, would invite mistakes: lists of them, one
// for each type, serve both. A test counts that no field is missing.

extension Configuration: Recordable {
    static let switches = RecordedFields<Self, Bool>(\.accessBroadcast, \.acceptsZeroKey, \.sinkRouting, \.tracing)
    static let counts = RecordedFields<Self, UInt8>(
        \.meshInLinks,
        \.meshOutLinks,
        \.attemptsBeforeBackOff,
        \.liveReportLevel
    )
    static let levels = RecordedFields<Self, Int8>(\.rssiThreshold, \.txPower)

    init(recorded reader: inout ByteReader) throws(CodingError) {
        self.init()
        clustering = try ClusteringMode(recorded: &reader)
        decision = try DecisionPolicy(recorded: &reader)
        graft = try GraftPolicy(recorded: &reader)
        timing = try Timing(recorded: &reader)
        try Self.switches.read(into: &self, from: &reader)
        try Self.counts.read(into: &self, from: &reader)
        try Self.levels.read(into: &self, from: &reader)
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try clustering.record(into: &writer)
        try decision.record(into: &writer)
        try graft.record(into: &writer)
        try timing.record(into: &writer)
        try Self.switches.write(self, into: &writer)
        try Self.counts.write(self, into: &writer)
        try Self.levels.write(self, into: &writer)
    }
}

extension GraftPolicy: Recordable {
    static let times = RecordedFields<Self, UInt64>(
        \.candidateAge,
        \.collecting,
        \.healing,
        \.askDelayPerHop,
        \.jitter,
        \.roleHold,
        \.call,
        \.knockAfter,
        \.knockJitter,
        \.reservation,
        \.letGoBan,
        \.engagementBan,
        \.engagementBanJitter,
        \.attemptBan,
        \.attemptBanJitter,
        \.versionBan,
        \.relaxAfter,
        \.refreshPeriod,
        \.alternativeAge,
        \.otherModePeriod
    )
    static let counts = RecordedFields<Self, UInt8>(\.askDelayHops, \.attemptGrowth, \.alternativesCap)

    init(recorded reader: inout ByteReader) throws(CodingError) {
        self.init()
        try Self.times.read(into: &self, from: &reader)
        try Self.counts.read(into: &self, from: &reader)
        relaxedThreshold = try Int8(recorded: &reader)
        rankSlack = try UInt32(recorded: &reader)
        plantedFaults = try PlantedFaults(recorded: &reader)
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try Self.times.write(self, into: &writer)
        try Self.counts.write(self, into: &writer)
        try relaxedThreshold.record(into: &writer)
        try rankSlack.record(into: &writer)
        try plantedFaults.record(into: &writer)
    }
}

extension Timing: Recordable {
    static let times = RecordedFields<Self, UInt64>(
        \.tick,
        \.advertisingSlot,
        \.decisionPeriod,
        \.decisionJitter,
        \.eagerDelay,
        \.joinMeMaximumAge,
        \.handshakeTimeout,
        \.reestablishmentWindow,
        \.reestablishmentMinimumAge,
        \.pendingConnectWatchdog,
        \.emergencyTrigger,
        \.sizeTransitionDelay,
        \.highDiscoveryTimeout,
        \.enrolledNodesPeriod,
        \.timeSyncPeriod,
        \.errorLogPeriod,
        \.capabilityPeriod,
        \.timeReportingLimit,
        \.preferredConnectionsDelay,
        \.enrolmentDelay,
        \.enrolmentRemovalDelay,
        \.enrolmentLeastTime,
        \.enrolmentAnswerTime,
        \.enrolmentRetry,
        \.requestTimeout
    )
    static let shortTimes = RecordedFields<Self, UInt32>(
        \.tickCycles,
        \.advertisingHigh,
        \.advertisingLow,
        \.advertisingAccess,
        \.advertisingFast,
        \.advertisingNonConnectable,
        \.connectTimeout,
        \.reconnectTimeout,
        \.emergencyConnectTimeout
    )
    static let scans = RecordedFields<Self, ScanTiming>(\.scanHigh, \.scanLow, \.scanInitiating)
    static let parameters = RecordedFields<Self, ConnectionParameters>(
        \.meshParameters,
        \.leafParameters,
        \.accessParameters
    )

    init(recorded reader: inout ByteReader) throws(CodingError) {
        self.init()
        try Self.times.read(into: &self, from: &reader)
        try Self.shortTimes.read(into: &self, from: &reader)
        fastAdvertisingSlots = try UInt8(recorded: &reader)
        try Self.scans.read(into: &self, from: &reader)
        try Self.parameters.read(into: &self, from: &reader)
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try Self.times.write(self, into: &writer)
        try Self.shortTimes.write(self, into: &writer)
        try fastAdvertisingSlots.record(into: &writer)
        try Self.scans.write(self, into: &writer)
        try Self.parameters.write(self, into: &writer)
    }
}
