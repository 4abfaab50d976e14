import ArgumentParser
import ByteCoding
import MeshControl
import MeshCore
import MeshWire

/// Sets something at a node.
struct ConfigSet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Set something at a node, over the mesh; it is kept over restarts.",
        discussion: """
            modules.NAME     on, off; of debug, status, adv, scan, enroll, io, ma
            reports.NAME     seconds between reports of status, device_info, connections, nearby, time; 0 never, up to 6553.5
            reports.live     0 none, 50 fatal, 100 warnings, 150 all
            enrolled_nodes   0...2000, 0 unknown; spreads to all nodes
            preferred        none, or nodes such as 3,7, or 'only 3,7'; the node restarts

            Example: thicket config set 7 reports.status 60
            """
    )

    @Argument(help: "The node.", transform: MeshNode.read)
    var target: MeshNode

    @Argument(help: "The setting.", transform: ConfigSet.setting)
    var key: NodeSetting

    @Argument(help: "The value.")
    var value: String

    @OptionGroup var live: LiveOptions

    /// A reader for arguments: the setting with a key, or an error with the one that may be meant.
    static func setting(_ text: String) throws -> NodeSetting {
        if let setting = NodeSetting(key: text) { return setting }
        let closest = Similar.word(to: text, among: NodeSetting.all.map(\.key)) ?? ""
        throw ValidationError(
            "there is no setting '\(text)'; is '\(closest)' meant? 'thicket help config set' tells all"
        )
    }

    func validate() throws { _ = try change() }

    /// What is changed.
    enum Change: Equatable {
        case module(ModuleID, isOn: Bool)
        /// An interval in deciseconds.
        case report(NodeSetting.Report, interval: UInt16)
        case liveReports(level: UInt8)
        case enrolledNodes(UInt16)
        case preferred(Preferred)
    }

    /// Reads the value.
    ///
    /// - Throws: `ValidationError` if the setting cannot have it.
    func change() throws -> Change {
        if let why = key.whyFixed { throw ValidationError("'\(key.key)' cannot be set like this: \(why)") }
        switch key {
        case .network, .sink, .groups: throw mistake("nothing")
        case .module(let id):
            guard value == "on" || value == "off" else { throw mistake("on or off") }
            return .module(id, isOn: value == "on")
        case .report(let report):
            guard let seconds = Double(value), seconds >= 0, seconds <= 6553.5,
                let interval = UInt16(exactly: (seconds * 10).rounded())
            else { throw mistake("a number of seconds, 0...6553.5") }
            return .report(report, interval: interval)
        case .liveReports:
            guard let level = UInt8(value) else { throw mistake("a level, 0...255") }
            return .liveReports(level: level)
        case .enrolledNodes:
            guard let count = UInt16(value), count <= 2000 else { throw mistake("a number of nodes, 0...2000") }
            return .enrolledNodes(count)
        case .preferred:
            guard let preferred = Preferred(value) else {
                throw mistake("none, one to eight nodes such as 3,7, or 'only 3,7'")
            }
            return .preferred(preferred)
        }
    }

    private func mistake(_ wanted: String) -> ValidationError {
        ValidationError("'\(value)' is no value of '\(key.key)': it is \(wanted)")
    }

    func run() throws {
        var mesh = try MeshDialogue(path: live.path)
        let code = try apply(try change(), &mesh)
        guard code == .ok else { throw ControlError("node \(target.id) refuses: \(Self.word(code))") }
        if live.json {
            var object = JSONObject(kind: "setting")
            object.append("node", integer: target.id.rawValue)
            object.append("key", text: key.key)
            object.append("value", text: value)
            Console.line(object.line)
        } else {
            let note = key == .preferred ? "; it restarts in 10 s" : ""
            Console.line("node \(target.id): \(key.key) is \(value)\(note)")
        }
    }

    private func apply(_ change: Change, _ mesh: inout MeshDialogue) throws -> ModuleConfigCode {
        switch change {
        case .module(let id, let isOn):
            return try mesh.ask(.configuration(.plain(id), .setActive(isOn ? 1 : 0)), of: target.id) { content in
                if case .configuration(.plain(id), .setActiveResult(let code)) = content { code } else { nil }
            }
        case .report(let report, let interval):
            return try setReports(&mesh) { $0[keyPath: report.place] = interval }
        case .liveReports(let level):
            return try setReports(&mesh) { $0.liveReportLevel = level }
        case .enrolledNodes(let count):
            return try mesh.ask(.node(.setEnrolledNodes(count: count)), of: target.id) { content in
                content == .node(.setEnrolledNodesResult(count: count)) ? .ok : nil
            }
        case .preferred(let preferred):
            return try mesh.ask(.node(.setPreferredConnections(preferred.request)), of: target.id) { content in
                content == .node(.setPreferredConnectionsResult) ? .ok : nil
            }
        }
    }

    private func setReports(
        _ mesh: inout MeshDialogue,
        _ change: (inout StatusReporterConfiguration) -> Void
    ) throws -> ModuleConfigCode {
        guard var reports = try mesh.reports(of: target.id) else {
            throw ControlError("node \(target.id) keeps its reports in a form that this program does not know")
        }
        change(&reports)
        let bytes: InlineBytes<192> = try reports.encoded()
        return try mesh.ask(.configuration(.plain(.statusReporter), .setConfig(bytes)), of: target.id) { content in
            if case .configuration(.plain(.statusReporter), .setConfigResult(let code)) = content { code } else { nil }
        }
    }

    /// A refusal in words.
    static func word(_ code: ModuleConfigCode) -> String {
        switch code {
        case .noConfiguration: "it has no such configuration"
        case .wrongConfiguration: "it does not understand the configuration"
        case .persistenceDisabled: "it keeps nothing"
        default: "it cannot keep that now, code \(code.rawValue)"
        }
    }
}
