import ByteCoding
import MeshControl
import MeshCore
import MeshWire

/// Something that is set at a node and that can be asked for or changed over the mesh (protocol §10.1, §10.2).
///
/// | key                     | value            | get | set |
/// |-------------------------|------------------|-----|-----|
/// | `network`               | id               | yes |     |
/// | `sink`                  | true, false      | yes |     |
/// | `groups`                | list of ids      | yes | `thicket group` |
/// | `modules.NAME`          | on, off          | yes | yes |
/// | `reports.status`        | s, 0 never       | yes | yes |
/// | `reports.device_info`   | s, 0 never       | yes | yes |
/// | `reports.connections`   | s, 0 never       | yes | yes |
/// | `reports.nearby`        | s, 0 never       | yes | yes |
/// | `reports.time`          | s, 0 never       | yes | yes |
/// | `reports.live`          | level, 0...255   | yes | yes |
/// | `enrolled_nodes`        | 0...2000         |     | yes |
/// | `preferred`             | see ``Preferred``|     | yes |
///
/// Intervals go in steps of 0.1 s up to 6553.5 s.
enum NodeSetting: Hashable {
    case network, sink, groups, enrolledNodes, preferred
    case module(ModuleID)
    case report(Report)
    case liveReports

    /// Reports that a node sends by itself.
    enum Report: String, CaseIterable {
        case status, connections, nearby, time
        case deviceInfo = "device_info"

        /// Where the interval is kept, in deciseconds.
        var place: WritableKeyPath<StatusReporterConfiguration, UInt16> {
            switch self {
            case .status: \.intervals.status
            case .deviceInfo: \.intervals.deviceInfo
            case .connections: \.intervals.connections
            case .nearby: \.intervals.nearby
            case .time: \.timeReportingInterval
            }
        }
    }

    // MARK: - Names

    /// Modules whose names people know (protocol §1.8).
    static let modules: [(id: ModuleID, name: String)] = [
        (.node, "node"), (.debug, "debug"), (.statusReporter, "status"), (.beaconing, "adv"), (.scanning, "scan"),
        (.enrollment, "enroll"), (.io, "io"), (.meshAccess, "ma"),
    ]

    /// All there are, in the order in which they are shown.
    static let all: [NodeSetting] =
        [.network, .sink, .groups] + modules.map { .module($0.id) } + Report.allCases.map { .report($0) }
        + [.liveReports, .enrolledNodes, .preferred]

    /// What it is called.
    var key: String {
        switch self {
        case .network: "network"
        case .sink: "sink"
        case .groups: "groups"
        case .enrolledNodes: "enrolled_nodes"
        case .preferred: "preferred"
        case .module(let id): "modules." + (Self.modules.first { $0.id == id }?.name ?? "\(id.rawValue)")
        case .report(let report): "reports.\(report.rawValue)"
        case .liveReports: "reports.live"
        }
    }

    /// The setting with a key.
    init?(key: String) {
        guard let setting = Self.all.first(where: { $0.key == key }) else { return nil }
        self = setting
    }

    /// Why it cannot be changed this way; nil if it can.
    var whyFixed: String? {
        switch self {
        case .network: "it is set in the configuration file of the node, or by 'thicket enroll'"
        case .sink: "it is set in the configuration file of the node"
        case .groups: "'thicket group' changes it"
        case .module(.node): "the node module cannot be switched off"
        case .enrolledNodes, .preferred, .module, .report, .liveReports: nil
        }
    }

    /// Why it cannot be asked for; nil if it can.
    var whyUntold: String? {
        switch self {
        case .enrolledNodes, .preferred: "nodes do not tell it to others"
        case .network, .sink, .groups, .module, .report, .liveReports: nil
        }
    }
}

/// Which partners a node prefers, as people write it: `none`, `3,7`, or `only 3,7` if it shall not link with others.
struct Preferred: Equatable {
    /// Most partners.
    static let countMax = 8

    var partners: [NodeID]
    var mode: PreferredConnectionMode

    init?(_ text: String) {
        let isOnly = text.hasPrefix("only ")
        mode = isOnly ? .ignored : .penalty
        guard text != "none" else {
            partners = []
            return
        }
        let words = text.dropFirst(isOnly ? 5 : 0).split(separator: ",", omittingEmptySubsequences: false)
        partners = words.compactMap { MeshNode(argument: String($0))?.id }
        guard partners.count == words.count, (1...Self.countMax).contains(partners.count) else { return nil }
    }

    /// The request.
    var request: SetPreferredConnections {
        let padding = repeatElement(NodeID(0), count: Self.countMax - partners.count)
        return SetPreferredConnections(
            partners: PackedList(partners + padding),
            count: UInt8(partners.count),
            mode: mode
        )
    }
}
