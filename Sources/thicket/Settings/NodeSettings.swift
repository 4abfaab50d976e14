import ByteCoding
import MeshConfiguration
import MeshControl
import MeshCore
import MeshWire

/// What is set at a node, as far as it tells, or as a configuration file says.
struct NodeSettings {
    /// The values, in the order of ``NodeSetting/all``.
    private(set) var values: [(setting: NodeSetting, value: JSONValue)] = []

    private mutating func append(_ setting: NodeSetting, _ value: JSONValue) { values.append((setting, value)) }

    /// The value of a setting, nil if it is not told.
    func value(of setting: NodeSetting) -> JSONValue? { values.first { $0.setting == setting }?.value }

    // MARK: - From a file

    /// What a configuration file sets of it; the rest is not in files.
    init(_ file: NodeConfigurationFile) {
        append(.network, .unsigned(UInt64(file.network.rawValue)))
        append(.sink, .bool(file.isSink))
    }

    // MARK: - From a node

    /// Asks a node for everything.
    ///
    /// - Throws: ``ControlError`` if it does not answer.
    init(of node: NodeID, _ mesh: inout MeshDialogue) throws {
        let device = try mesh.ask(.statusReporter(.getDeviceInfo), of: node) { content -> DeviceInfo? in
            if case .statusReporter(.deviceInfo(let device)) = content { device } else { nil }
        }
        append(.network, .unsigned(UInt64(device.networkID.rawValue)))
        append(.sink, .bool(device.deviceType == .sink))
        let groups = try mesh.ask(.node(.getGroups), of: node) { content -> [NodeID]? in
            if case .node(.groups(let groups)) = content { Array(groups) } else { nil }
        }
        append(.groups, .list(groups.map { .unsigned(UInt64($0.rawValue)) }))
        let modules = try mesh.modules(of: node)
        for (id, _) in NodeSetting.modules {
            guard let entry = modules.first(where: { $0.module == .plain(id) }) else { continue }
            append(.module(id), .text(entry.isActive ? "on" : "off"))
        }
        // A node of other firmware may keep it in another form.
        guard let reports = try mesh.reports(of: node) else { return }
        for report in NodeSetting.Report.allCases {
            append(.report(report), .number(Double(reports[keyPath: report.place]) / 10))
        }
        append(.liveReports, .unsigned(UInt64(reports.liveReportLevel)))
    }

    // MARK: - Differences

    /// What both have, and have differently.
    static func differences(
        _ first: NodeSettings,
        _ second: NodeSettings
    ) -> [(setting: NodeSetting, first: JSONValue, second: JSONValue)] {
        first.values.compactMap { setting, value in
            guard let other = second.value(of: setting), other != value else { return nil }
            return (setting, value, other)
        }
    }
}

extension MeshDialogue {
    /// The modules of a node.
    mutating func modules(of node: NodeID) throws -> [ModuleListEntry] {
        try ask(.configuration(.plain(.node), .getModuleList), of: node) { content in
            if case .configuration(_, .moduleList(let list)) = content { Array(list) } else { nil }
        }
    }

    /// How a node reports by itself; nil if it keeps that in another form.
    mutating func reports(of node: NodeID) throws -> StatusReporterConfiguration? {
        try ask(.configuration(.plain(.statusReporter), .getConfig), of: node) { content in
            switch content {
            case .configuration(.plain(.statusReporter), .config(let bytes)):
                .some(try? StatusReporterConfiguration(bytes: bytes))
            case .configuration(.plain(.statusReporter), .getConfigError): .some(nil)
            default: nil
            }
        }
    }
}
