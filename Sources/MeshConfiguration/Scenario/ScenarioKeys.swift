import MeshCore

/// Every key of a scenario file, by the group that it stands in.
///
/// The readers take their keys from here and the schema for editors is compared with it, so that neither knows a key that the
/// other does not.
package enum ScenarioKeys {
    static let scenario = [
        "name", "question", "seed", "duration", "radio", "area", "nodes", "sinks", "unenrolled", "network", "strangers",
        "traffic", "messages", "timeline", "expect",
    ]
    static let area = ["width_m", "height_m"]
    static let nodes = ["count", "placement", "positions", "layout"]
    static let position = ["id", "x_m", "y_m", "z_m", "sink"]
    static let network = ["id", "key", "clustering", "decision", "timing", "link_encryption"]
    static let stranger = ["nodes", "network", "key"]
    static let traffic = ["every", "bytes"]
    static let workload = ["kind", "every", "from", "to", "bytes", "start", "until"]

    static let radioLevels = [
        "environment", "rssi_at_1m_dbm", "exponent", "shadowing_db", "fading_db", "asymmetry_db", "channel_spread_db",
        "sensitivity_dbm", "slope_db", "walls", "collisions", "capture_db", "shared_radio", "clock_ppm",
        "interval_spread", "boot_spread", "controller", "wifi", "failures",
    ]
    static let radio = ["profile"] + radioLevels
    static let wall = ["from", "to", "loss_db"]
    static let wifi = ["channel", "busy", "burst", "level_dbm"]
    static let failures = ["connect_fails", "stuck_advertising", "silent_after"]

    static let actions =
        [
            "power_off", "power_on", "reboot", "block_link", "unblock_link", "move", "jam", "partition", "rejoin",
            "noise", "raise_wall", "remove_wall", "send", "enrol", "adversary", "adapter_reset",
        ] + Disturbance.names
    static let entry = ["at"] + actions + ["for", "every", "times"]
    static let choice = ["random", "within"]
    static let movement = ["node", "nodes", "to", "path", "by", "speed_m_s", "laps"]
    static let jam = ["channels", "for"]
    static let noise = ["db", "channels", "nodes"]
    static let segment = ["from", "to"]
    static let raisedWall = segment + ["loss_db"]
    static let send = ["from", "to", "bytes"]
    static let adversary = ["node", "claims", "cluster_size", "every"]
    static let disturbance = ["nodes", "percent"]
    static let slowness = ["nodes", "every"]

    static let expectationKinds = [
        "formed_by", "healed_within", "always", "delivered_at_least", "latency_within", "clusters", "never_linked",
        "links_lost_at_most", "current_at_most_ua",
    ]
    static let expectation = expectationKinds + ["after", "at", "of", "percent"]

    /// The groups with their names in the schema.
    package static let groups: [(name: String, keys: [String])] = [
        ("scenario", scenario), ("area", area), ("nodes", nodes), ("position", position), ("network", network),
        ("stranger", stranger),
        ("traffic", traffic), ("workload", workload), ("radio", radio), ("wall", wall), ("wifi", wifi),
        ("failures", failures), ("entry", entry), ("choice", choice), ("movement", movement), ("jam", jam),
        ("noise", noise), ("segment", segment), ("raisedWall", raisedWall), ("send", send), ("adversary", adversary),
        ("disturbance", disturbance),
        ("slowness", slowness), ("expectation", expectation),
    ]

    /// The lists of names that a value may be one of, with their names in the schema.
    package static let names: [(name: String, values: [String])] = [
        ("radioProfile", RadioProfile.allCases.map(\.rawValue)),
        ("environment", RadioEnvironment.allCases.map(\.rawValue)),
        ("controller", ControllerProfile.allCases.map(\.rawValue)),
        ("placement", LayoutGenerator.allCases.map(\.rawValue)),
        ("clustering", ClusteringMode.allCases.map(\.rawValue)),
        ("decision", DecisionPolicy.allCases.map(\.rawValue)),
        ("timing", TimingPreset.allCases.map(\.rawValue)),
        ("workloadKind", WorkloadKind.allCases.map(\.rawValue)),
        ("channels", JammedChannels.allCases.map(\.rawValue)),
        ("invariant", Invariant.allCases.map(\.rawValue)),
    ]
}
