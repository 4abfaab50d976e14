public import RadioPort

/// What a daemon needs to know beside what its node is; see ``NodeConfigurationFile`` for the keys.
public struct DaemonSettings: Sendable, Equatable {
    /// A capture of what goes between host and controller.
    public struct Capture: Sendable, Equatable {
        /// Folder of the files; nil is that of the state.
        public var folder: String?
        /// Number of files.
        public var files: Int
        /// Bytes of one file.
        public var fileBytes: Int
        /// Whether keys are stored.
        public var includesKeys: Bool

        /// What holds unless a configuration says otherwise.
        public init() {
            files = 4
            fileBytes = 4_000_000
            includesKeys = false
        }
    }

    /// Whether secrets are part of a recording.
    public enum Secrets: String, CaseIterable, Sendable {
        /// Keys are left out, and everything else can be read with them only.
        case exclude
        /// Keys are stored, so that anybody who has the file can replay it.
        case include
    }

    /// A recording of what the node is told.
    public struct Record: Sendable, Equatable {
        /// Folder of the files; nil is that of the state.
        public var folder: String?
        /// Number of files, one for each of the latest starts.
        public var files: Int
        /// Bytes of one file, at which it ends.
        public var fileBytes: Int
        /// Whether keys are stored.
        public var secrets: Secrets

        /// What holds unless a configuration says otherwise.
        public init() {
            files = 4
            fileBytes = 16_000_000
            secrets = .exclude
        }
    }

    /// A history of what happened to the node.
    public struct History: Sendable, Equatable {
        /// The database; nil is one in the folder of the state.
        public var file: String?
        /// Rows of each kind that are kept.
        public var rows: Int
        /// Days whose counters are kept.
        public var days: Int
    }

    /// The radio: `hci`, `dbus` or an H4 address.
    public var radio: String
    /// The adapter, for `hci` and `dbus`.
    public var adapter: String
    /// Folder for what must survive a restart.
    public var stateFolder: String
    /// Path of the control socket.
    public var control: String
    /// The least that is logged.
    public var log: LogLevel
    /// The capture, nil for none.
    public var capture: Capture?
    /// The recording, nil for none.
    public var record: Record?
    /// The history, nil for none.
    public var history: History?
    /// Clients of the control socket at one time.
    public var clients: Int
    /// Bytes that may wait for one client.
    public var backlog: Int

    static let keys = ["radio", "adapter", "state", "control", "log", "capture", "record", "history", "limits"]

    init(_ root: Section) throws(ConfigurationError) {
        radio = try root.optional("radio")?.text("hci, dbus or an H4 address") ?? "hci"
        adapter = try root.optional("adapter")?.text("hci0...hci65534", maximum: 8) ?? "hci0"
        stateFolder = try root.optional("state")?.text("a folder") ?? "/var/lib/thicket"
        control = try Self.socket(root.optional("control"))
        log = try root.optional("log")?.choice() ?? .info
        capture = try root.optional("capture").map { field throws(ConfigurationError) in try Capture(field) }
        record = try root.optional("record").map { field throws(ConfigurationError) in try Record(field) }
        history = try History(root.optional("history"))
        let limits = try root.optional("limits")?.section(["clients", "backlog"])
        clients = try limits?.optional("clients")?.integer(1...1000) ?? 16
        backlog = try limits?.optional("backlog")?.integer(16_384...16_777_216, unit: "bytes") ?? 262_144
    }

    /// A path that fits into the address of a UNIX socket.
    private static func socket(_ field: Field?) throws(ConfigurationError) -> String {
        guard let field else { return defaultControl }
        let allowed = "a path of at most 107 bytes"
        let path = try field.text(allowed)
        guard path.utf8.count <= 107 else { throw field.error("too long", allowed: allowed) }
        return path
    }

    /// Where the controller of the radio is.
    ///
    /// - Parameter file: what errors call the file.
    /// - Returns: the adapter or the byte stream.
    /// - Throws: if there is no such radio or adapter.
    public func controller(file: String) throws(ConfigurationError) -> HCIEndpoint {
        let isAdapter = radio == "hci" || radio == "dbus"
        let text = isAdapter ? adapter : radio
        let endpoint = HCIEndpoint(text)
        if let endpoint {
            guard radio == "dbus" else { return endpoint }
            if case .adapter = endpoint { return endpoint }
        }
        let key = isAdapter ? "adapter" : "radio"
        throw ConfigurationError(
            file: file,
            key: key,
            problem: "no such \(key): '\(text)'",
            allowed: isAdapter ? "hci0...hci65534" : "hci, dbus, h4:unix:PATH, h4:tcp:HOST:PORT, h4:pty:PATH"
        )
    }

    /// Where a daemon serves unless told otherwise.
    public static let defaultControl = "/run/thicket/control.sock"
}

extension DaemonSettings.History {
    fileprivate init?(_ field: Field?) throws(ConfigurationError) {
        let keys = try field?.section(["enabled", "file", "rows", "days"])
        file = try keys?.optional("file")?.text("a file")
        rows = try keys?.optional("rows")?.integer(100...1_000_000) ?? 5000
        days = try keys?.optional("days")?.integer(1...3650) ?? 400
        guard try keys?.optional("enabled")?.flag() ?? true else { return nil }
    }
}

extension DaemonSettings.Capture {
    fileprivate init(_ field: Field) throws(ConfigurationError) {
        self.init()
        let keys = try field.section(["folder", "files", "size", "keys"])
        folder = try keys.optional("folder")?.text("a folder")
        files = try keys.optional("files")?.integer(1...1000) ?? files
        fileBytes = try keys.optional("size")?.integer(10_000...1_000_000_000, unit: "bytes") ?? fileBytes
        includesKeys = try keys.optional("keys")?.flag() ?? includesKeys
    }
}

extension DaemonSettings.Record {
    fileprivate init(_ field: Field) throws(ConfigurationError) {
        self.init()
        let keys = try field.section(["folder", "files", "size", "secrets"])
        folder = try keys.optional("folder")?.text("a folder")
        files = try keys.optional("files")?.integer(1...1000) ?? files
        fileBytes = try keys.optional("size")?.integer(100_000...1_000_000_000, unit: "bytes") ?? fileBytes
        secrets = try keys.optional("secrets")?.choice() ?? secrets
    }
}
