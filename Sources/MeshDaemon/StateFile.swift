import ByteCoding
import FoundationEssentials
import Glibc
import LinuxSystem
import MeshConfiguration
import MeshControl
import MeshCore
import MeshWire
import RadioPort

/// What a node keeps over a restart, in one JSON file.
///
/// A new state is written beside the old one, flushed to the disk and put in its place in one step; the state before it stays
/// as `NAME.previous`. So a crash at any moment leaves a whole file, and a file that a disk has spoilt has one to fall back on.
struct StateFile {
    /// Version of the format that this code writes.
    ///
    /// 3 has `enrolment`, without which a node would fall back to a network that it left. 2 has `graft_generation` and what a change of the clustering mode leaves; a file of version 1 is read as one whose node
    /// never ran in graft clustering. A node that went back to an earlier program would repeat cluster ids and fall back to the
    /// other mode, so that program shall refuse the file rather than drop the keys.
    static let version = 3
    /// The earliest that is read.
    private static let oldestVersion = 1
    /// What is wrong with a file of a later version.
    private static let isNewer = "written by a newer thicketd"

    let path: String
    private var previousPath: String { path + ".previous" }
    private var newPath: String { path + ".new" }

    /// What was found, and what there is to say about it.
    struct Found: Equatable {
        var state: PersistentState
        /// One line for the log if all was not well.
        var warning: String?
    }

    /// Reads the state; none at all is an empty one.
    ///
    /// - Throws: if there is one that cannot be used: nothing is reset without somebody's will.
    func load() throws(ConfigurationError) -> Found {
        do throws(ConfigurationError) {
            if let state = try read(path) { return Found(state: state) }
            guard let state = try read(previousPath) else { return Found(state: PersistentState()) }
            return Found(state: state, warning: "\(path) is missing; going on with \(previousPath)")
        } catch {
            // A newer state is whole; it is this program that is old.
            if error.problem == Self.isNewer { throw error }
            if let state = try? read(previousPath) {
                return Found(state: state, warning: "\(error); going on with \(previousPath)")
            }
            throw ConfigurationError(
                file: error.file,
                line: error.line,
                key: error.key,
                problem: error.problem,
                allowed: "a whole state file; move this one away to start without state"
            )
        }
    }

    /// Writes the state; when this returns it survives a power cut.
    ///
    /// - Throws: ``SystemError`` if the disk does not take it; the old state is unharmed then.
    func save(_ state: PersistentState) throws(SystemError) {
        // There may be keys in it. A file that a crash left there has the mode that it has.
        unlink(newPath)
        let number = open(newPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw SystemError("create \(newPath)") }
        let file = FileDescriptor(number)
        try file.writeAll(Array((Self.encoded(state).line + "\n").utf8))
        guard fsync(number) == 0 else { throw SystemError("write \(newPath)") }
        unlink(previousPath)
        // Not there yet at the first time.
        link(path, previousPath)
        guard rename(newPath, path) == 0 else { throw SystemError("rename \(newPath)") }
        try flushFolder()
    }

    private func flushFolder() throws(SystemError) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let number = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw SystemError("open \(folder)") }
        let descriptor = FileDescriptor(number)
        guard fsync(descriptor.rawValue) == 0 else { throw SystemError("write \(folder)") }
    }

    private func read(_ path: String) throws(ConfigurationError) -> PersistentState? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw ConfigurationError(file: path, problem: "cannot be read", allowed: "readable by this user")
        }
        return try Self.decoded(String(decoding: data, as: UTF8.self), file: path)
    }

    // MARK: - Format

    static func encoded(_ state: PersistentState) -> JSONObject {
        [
            "format_version": .integer(Int64(version)),
            "enrolled_nodes": .unsigned(UInt64(state.enrolledNodes)),
            "preferred_partners": .list(state.preferredPartners.map { .unsigned(UInt64($0.rawValue)) }),
            "preferred_mode": .unsigned(UInt64(state.preferredMode.rawValue)),
            "groups": .list(state.groups.map { .unsigned(UInt64($0.rawValue)) }),
            "time_reporting_interval_ds": .unsigned(UInt64(state.timeReportingInterval)),
            "status_interval_ds": .unsigned(UInt64(state.reportIntervals.status)),
            "device_info_interval_ds": .unsigned(UInt64(state.reportIntervals.deviceInfo)),
            "connections_interval_ds": .unsigned(UInt64(state.reportIntervals.connections)),
            "nearby_interval_ds": .unsigned(UInt64(state.reportIntervals.nearby)),
            "live_report_level": .optional(state.liveReportLevel) { .unsigned(UInt64($0)) },
            "inactive_modules": .list(state.inactiveModules.map { .unsigned(UInt64($0.wrapped)) }),
            "graft_generation": .optional(state.graftGeneration) { .unsigned(UInt64($0)) },
            "clustering": .optional(state.clustering) { .text($0.rawValue) },
            "planned_clustering": .optional(state.plannedClustering) {
                .object(["clustering": .text($0.mode.rawValue), "at": .unsigned(UInt64($0.at))])
            },
            "enrolment": .optional(state.enrolment) { .object(encoded($0)) },
        ]
    }

    private static func encoded(_ enrolment: Enrolment) -> JSONObject {
        [
            "node": .optional(enrolment.node) { .unsigned(UInt64($0.rawValue)) },
            "network": .unsigned(UInt64(enrolment.network.rawValue)),
            "network_key": .text(Hex.encode(enrolment.networkKey.bytes)),
            "user_base_key": .text(Hex.encode(enrolment.userBaseKey.bytes)),
            "organization_key": .text(Hex.encode(enrolment.organizationKey.bytes)),
        ]
    }

    /// Keys of version 1.
    private static let keys = [
        "format_version", "enrolled_nodes", "preferred_partners", "preferred_mode", "groups",
        "time_reporting_interval_ds", "status_interval_ds", "device_info_interval_ds", "connections_interval_ds",
        "nearby_interval_ds", "live_report_level", "inactive_modules",
    ]
    /// What version 2 has beside these.
    private static let keysOfVersion2 = ["graft_generation", "clustering", "planned_clustering"]
    /// What version 3 has beside these.
    private static let keysOfVersion3 = ["enrolment"]

    static func decoded(_ text: String, file: String) throws(ConfigurationError) -> PersistentState {
        let document = Field(document: try DocumentNode(json: text, file: file), file: file)
        // The version first: a newer file may have keys that are not known here.
        let versionField = try document.section([], ignoringOthers: true).required("format_version", "\(version)")
        if let number = try? versionField.integer(0...Int.max), number > version {
            throw versionField.error(isNewer, allowed: "\(version); install that version again")
        }
        let found = try versionField.integer(oldestVersion...version)
        let keys = try document.section(
            Self.keys + (found > 1 ? keysOfVersion2 : []) + (found > 2 ? keysOfVersion3 : [])
        )
        func number<Value: FixedWidthInteger>(_ key: String) throws(ConfigurationError) -> Value {
            try keys.required(key, "a number").integer(Value.min...Value.max)
        }
        func nodes(_ key: String, atMost limit: Int) throws(ConfigurationError) -> [NodeID] {
            var nodes: [NodeID] = []
            for item in try keys.required(key, "a list").items("node ids") {
                nodes.append(NodeID(try item.integer(0...UInt16.max)))
            }
            guard nodes.count <= limit else {
                throw ConfigurationError(file: file, key: key, problem: "too long", allowed: "at most \(limit)")
            }
            return nodes
        }
        var state = PersistentState()
        state.enrolledNodes = try number("enrolled_nodes")
        state.preferredPartners = try nodes("preferred_partners", atMost: Limits.preferredPartners)
        let modes = PreferredMode.penalty.rawValue...PreferredMode.ignored.rawValue
        let mode = try keys.required("preferred_mode", "a number").integer(modes)
        state.preferredMode = PreferredMode(rawValue: mode) ?? .penalty
        state.groups = try nodes("groups", atMost: Limits.dynamicGroups)
        state.timeReportingInterval = try number("time_reporting_interval_ds")
        state.reportIntervals.status = try number("status_interval_ds")
        state.reportIntervals.deviceInfo = try number("device_info_interval_ds")
        state.reportIntervals.connections = try number("connections_interval_ds")
        state.reportIntervals.nearby = try number("nearby_interval_ds")
        let level = try keys.required("live_report_level", "a number or null")
        state.liveReportLevel = level.isNull ? nil : try level.integer(0...UInt8.max)
        for item in try keys.required("inactive_modules", "a list").items("module ids") {
            let wrapped = try item.integer(0...UInt32.max)
            guard let module = ModuleIdentifier(wrapped: wrapped) else {
                throw item.error("no module id: \(wrapped)")
            }
            state.inactiveModules.append(module)
        }
        if found > 1 {
            let generation = try keys.required("graft_generation", "a number or null")
            state.graftGeneration = generation.isNull ? nil : try generation.integer(0...UInt16.max)
            let clustering = try keys.required("clustering", "classic, graft or null")
            state.clustering = clustering.isNull ? nil : try clustering.choice()
            let planned = try keys.required("planned_clustering", "a group of keys or null")
            state.plannedClustering = planned.isNull ? nil : try plannedClustering(planned)
        }
        if found > 2 {
            let told = try keys.required("enrolment", "a group of keys or null")
            state.enrolment = told.isNull ? nil : try enrolment(told)
        }
        return state
    }

    private static func enrolment(_ field: Field) throws(ConfigurationError) -> Enrolment {
        let keys = try field.section(["node", "network", "network_key", "user_base_key", "organization_key"])
        func key(_ name: String) throws(ConfigurationError) -> Key128 {
            Key128(try keys.required(name, "32 hexadecimal digits").bytes(16...16)) ?? .unset
        }
        let node = try keys.required("node", "a number or null")
        return Enrolment(
            node: node.isNull ? nil : NodeID(try node.integer(0...UInt16.max)),
            network: NetworkID(try keys.required("network", "a number").integer(0...UInt16.max)),
            networkKey: try key("network_key"),
            userBaseKey: try key("user_base_key"),
            organizationKey: try key("organization_key")
        )
    }

    private static func plannedClustering(_ field: Field) throws(ConfigurationError) -> PlannedClustering {
        let keys = try field.section(["clustering", "at"])
        return PlannedClustering(
            mode: try keys.required("clustering", "classic, graft").choice(),
            at: try keys.required("at", "a number").integer(0...UInt32.max)
        )
    }
}
