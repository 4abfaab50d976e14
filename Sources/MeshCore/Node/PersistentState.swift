public import MeshWire

/// What a node keeps over a restart.
public struct PersistentState: Sendable, Equatable {
    /// Number of enrolled nodes, 0 unknown (protocol §3.1).
    public var enrolledNodes: UInt16 = 0
    /// Preferred partners, at most ``Limits/preferredPartners``.
    public var preferredPartners: [NodeID] = []
    /// What becomes of partners that are not preferred.
    public var preferredMode: PreferredMode = .penalty
    /// Dynamic groups, at most ``Limits/dynamicGroups``.
    public var groups: [NodeID] = []
    /// Interval of persistent time reporting in deciseconds, 0 off.
    public var timeReportingInterval: UInt16 = 0
    /// Intervals of the periodic reports.
    public var reportIntervals = ReportIntervals()
    /// Level of live reports; nil leaves it to ``Configuration/liveReportLevel``.
    public var liveReportLevel: UInt8?
    /// Modules that were switched off.
    public var inactiveModules: [ModuleIdentifier] = []

    /// What the node was enrolled with over the air; nil leaves it as it was made.
    public var enrolment: Enrolment?
    /// First generation of cluster ids that was not reserved yet; nil before the first boot in graft clustering.
    public var graftGeneration: UInt16?
    /// The clustering mode that the network was changed to; nil leaves it to ``Configuration/clustering``.
    public var clustering: ClusteringMode?
    /// A change of the clustering mode that is to come; nil for none.
    public var plannedClustering: PlannedClustering?

    /// Nothing stored yet.
    public init() {}
}

/// A change of the clustering mode that is to come.
public struct PlannedClustering: Sendable, Equatable {
    /// The mode.
    public var mode: ClusteringMode
    /// When, in seconds since 1970 in network time.
    public var at: UInt32

    /// A change to a mode at a time.
    public init(mode: ClusteringMode, at: UInt32) {
        self.mode = mode
        self.at = at
    }
}

/// How often the status reporter sends reports unasked (protocol §10.1), in deciseconds, 0 never.
public struct ReportIntervals: Sendable, Equatable {
    /// STATUS.
    public var status: UInt16
    /// DEVICE_INFO_V2.
    public var deviceInfo: UInt16
    /// ALL_CONNECTIONS.
    public var connections: UInt16
    /// NEARBY_NODES.
    public var nearby: UInt16

    /// Intervals in deciseconds.
    public init(status: UInt16 = 0, deviceInfo: UInt16 = 0, connections: UInt16 = 0, nearby: UInt16 = 0) {
        self.status = status
        self.deviceInfo = deviceInfo
        self.connections = connections
        self.nearby = nearby
    }
}

/// What becomes of candidates that are not preferred (protocol §4.7).
public enum PreferredMode: UInt8, Sendable {
    /// Their score is a tenth.
    case penalty = 0
    /// They are not connected to.
    case ignored = 1
}
