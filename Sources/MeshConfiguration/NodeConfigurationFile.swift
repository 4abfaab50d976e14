import ByteCoding
public import MeshCore
public import MeshWire

/// How long a node looks for others with high duty (protocol §3.1).
public enum DiscoverySpeed: String, CaseIterable, Sendable {
    /// Always: a tenth of the time is spent listening.
    case high
    /// For a minute after each change; then a hundredth of the time is spent listening.
    case low
}

/// The least that a daemon logs.
public enum LogLevel: String, CaseIterable, Sendable {
    /// Every decision.
    case debug
    /// What changes: links, clusters.
    case info
    /// What degrades service.
    case warning
    /// What interrupts service.
    case error
}

/// The configuration of one node: a YAML file.
///
/// It gives the first enrolment: `node`, `network` and `key`. Once the node was enrolled over the air, or taken out of its network,
/// what it was told then is kept in `state` and goes before these three, on every later start; `thicket status` says which of
/// the two holds. With `network: 0` a node starts without a network and waits for its enrolment.
///
/// ```yaml
/// node: 7
/// network: 11
/// key: "22222222222222222222222222222222"
/// ```
///
/// | key              | unit  | default                     | range                                             |
/// |------------------|-------|-----------------------------|---------------------------------------------------|
/// | `node`           |       | required                    | 1...1999, the id in the network                   |
/// | `network`        |       | 11                          | 2...65280, or 0: not enrolled yet                 |
/// | `key`            |       | this or `key_file` required | network key, 32 hexadecimal digits; not with network 0 |
/// | `key_file`       |       | none                        | file with the network key, readable by its owner only |
/// | `device_key`     |       | none                        | key of the device itself, 32 hexadecimal digits; network 0 needs it or one of the next two |
/// | `device_key_file` |      | none                        | file with that key, readable by its owner only    |
/// | `open_enrolment` |       | false                       | true, false: whether everybody near may enrol it; only with network 0 |
/// | `name`           |       | none                        | text of at most 40 characters                     |
/// | `sink`           |       | false                       | true, false                                       |
/// | `links.in`       |       | 2                           | 0...2 mesh links as peripheral                    |
/// | `links.out`      |       | 3                           | 0...3 mesh links as central                       |
/// | `discovery`      |       | high                        | high, low                                         |
/// | `clustering`     |       | classic                     | classic, graft; all nodes of a network have the same |
/// | `decision`       |       | periodic                    | periodic, eager: how soon a classic node acts     |
/// | `serial`         |       | from the node id            | serial number, BBBBB...99999 or 7 symbols         |
/// | `address`        |       | chosen by the radio         | static random address as c0:00:00:00:00:07        |
///
/// The keys below concern the daemon; a simulated node passes them over.
///
/// | key              | unit  | default                     | range                                             |
/// |------------------|-------|-----------------------------|---------------------------------------------------|
/// | `radio`          |       | hci                         | hci, dbus, h4:unix:PATH, h4:tcp:HOST:PORT, h4:pty:PATH |
/// | `adapter`        |       | hci0                        | hci0...hci65534                                   |
/// | `state`          |       | /var/lib/thicket            | folder for what must survive a restart            |
/// | `control`        |       | /run/thicket/control.sock   | control socket, at most 107 bytes                 |
/// | `log`            |       | info                        | debug, info, warning, error                       |
/// | `capture`        |       | off                         | a group of the keys below; `{}` takes the defaults |
/// | `capture.folder` |       | that of `state`             | folder                                            |
/// | `capture.files`  |       | 4                           | 1...1000                                          |
/// | `capture.size`   | bytes | 4000000                     | 10000...1000000000, of one file                   |
/// | `capture.keys`   |       | false                       | true, false: whether keys are stored              |
/// | `record`         |       | off                         | a group of the keys below; `{}` takes the defaults |
/// | `record.folder`  |       | that of `state`             | folder                                            |
/// | `record.files`   |       | 4                           | 1...1000, one for each of the latest starts       |
/// | `record.size`    | bytes | 16000000                    | 100000...1000000000, at which a file ends         |
/// | `record.secrets` |       | exclude                     | exclude, include: whether keys are stored         |
/// | `history.enabled` |      | true                        | true, false: whether a history is kept            |
/// | `history.file`   |       | `node-N.sqlite` in `state`  | database                                          |
/// | `history.rows`   |       | 5000                        | 100...1000000 of each kind; then the oldest go    |
/// | `history.days`   |       | 400                         | 1...3650 with counters; then the oldest go        |
/// | `limits.clients` |       | 16                          | 1...1000 clients of the control socket            |
/// | `limits.backlog` | bytes | 262144                      | 16384...16777216 that may wait for one client     |
public struct NodeConfigurationFile: Sendable, Equatable {
    /// The node's id in its network.
    public var node: NodeID
    /// The network it belongs to before anybody enrols it; 0: none.
    public var network: NetworkID
    /// The network key, 16 bytes; nil only without a network.
    public var key: [UInt8]?
    /// The key of the device itself, 16 bytes; nil: it cannot be opened by one.
    public var deviceKey: [UInt8]?
    /// Whether the all-zero key opens it while it is not enrolled.
    public var isOpenToEnrolment: Bool
    /// What people call the node.
    public var name: String?
    /// Whether it is a sink.
    public var isSink: Bool
    /// Mesh links as peripheral.
    public var linksIn: UInt8
    /// Mesh links as central.
    public var linksOut: UInt8
    /// How it looks for others.
    public var discovery: DiscoverySpeed
    /// How clusters form.
    public var clustering: ClusteringMode
    /// When a classic node looks for a partner.
    public var decision: DecisionPolicy
    /// Serial number as printed on the node; nil stands for index node - 1.
    public var serial: SerialNumber?
    /// Its own address, most significant byte first; nil leaves it to the radio.
    public var address: [UInt8]?
    /// What only a daemon needs.
    public var daemon: DaemonSettings

    /// Reads a configuration file.
    ///
    /// - Parameter path: the file.
    /// - Throws: the first thing that is wrong in it.
    public init(path: String) throws(ConfigurationError) {
        try self.init(yaml: try InputFile.text(at: path), file: path)
    }

    /// The file that a daemon reads unless told otherwise: that of the adapter if there is one, else that of the machine.
    public static func defaultPath(adapter: String) -> String {
        let own = "/etc/thicket/\(adapter).yaml"
        return InputFile.exists(own) ? own : "/etc/thicket/thicket.yaml"
    }

    /// Where the daemon keeps the history, nil if it keeps none.
    public var historyPath: String? {
        daemon.history.map { $0.file ?? "\(daemon.stateFolder)/node-\(node.rawValue).sqlite" }
    }

    /// Reads the text of a configuration file.
    ///
    /// - Parameters:
    ///   - yaml: the text.
    ///   - file: what errors call the file.
    /// - Throws: the first thing that is wrong in it.
    public init(yaml: String, file: String) throws(ConfigurationError) {
        let document = Field(document: try DocumentNode(yaml: yaml, file: file), file: file)
        let root = try document.section(Self.keys + DaemonSettings.keys)
        node = NodeID(try root.required("node", "1...1999").integer(Layout.nodeIDs))
        network =
            try root.optional("network").map { field throws(ConfigurationError) in try Self.network(field) }
            ?? NetworkID(11)
        deviceKey = try Self.key("device_key", "device key", root, file: file)
        isOpenToEnrolment = try root.optional("open_enrolment")?.flag() ?? false
        key = try Self.key("key", "network key", root, file: file)
        try Self.checkEnrolment(network, key, deviceKey, isOpen: isOpenToEnrolment, root)
        name = try root.optional("name")?.text("a name", maximum: 40)
        isSink = try root.optional("sink")?.flag() ?? false
        let links = try root.optional("links")?.section(["in", "out"])
        linksIn = try links?.optional("in")?.integer(0...2) ?? 2
        linksOut = try links?.optional("out")?.integer(0...3) ?? 3
        discovery = try root.optional("discovery")?.choice() ?? .high
        clustering = try root.optional("clustering")?.choice() ?? .classic
        decision = try root.optional("decision")?.choice() ?? .periodic
        if clustering == .graft, let decision = root.optional("decision") {
            throw decision.error("not with graft", allowed: "only beside classic")
        }
        serial = try root.optional("serial").map { field throws(ConfigurationError) in try Self.serial(field) }
        address = try root.optional("address").map { field throws(ConfigurationError) in try Self.address(field) }
        daemon = try DaemonSettings(root)
    }

    private static let keys = [
        "node", "network", "key", "key_file", "device_key", "device_key_file", "open_enrolment", "name", "sink",
        "links", "discovery", "clustering",
        "decision", "serial", "address",
    ]

    /// A network, or none.
    private static func network(_ field: Field) throws(ConfigurationError) -> NetworkID {
        let allowed = "0, \(NetworkID.usable.lowerBound)...\(NetworkID.usable.upperBound)"
        let network = NetworkID(try field.integer(0...NetworkID.usable.upperBound, allowed: allowed))
        guard network != .enrolment else { throw field.error("out of range: 1", allowed: allowed) }
        return network
    }

    /// A key, from the file itself or the one that it names; nil if there is neither.
    private static func key(
        _ name: String,
        _ what: String,
        _ root: Section,
        file: String
    ) throws(ConfigurationError) -> [UInt8]? {
        let fileName = name + "_file"
        guard root.optional(name) != nil || root.optional(fileName) != nil else { return nil }
        let given = try root.exactlyOne(of: [name, fileName], what: what)
        guard given.key == fileName else { return try given.value.bytes(16...16) }
        return try KeyFile.bytes(at: InputFile.path(try given.value.text("a path"), relativeTo: file))
    }

    /// A node of a network has its key, and one of none has a way into one.
    private static func checkEnrolment(
        _ network: NetworkID,
        _ key: [UInt8]?,
        _ deviceKey: [UInt8]?,
        isOpen: Bool,
        _ root: Section
    ) throws(ConfigurationError) {
        guard network == .notEnrolled else {
            if key == nil { _ = try root.required("key", "32 hexadecimal digits, or 'key_file'") }
            if isOpen, let open = root.optional("open_enrolment") {
                throw open.error("the node is enrolled", allowed: "true only beside 'network: 0'")
            }
            return
        }
        for name in ["key", "key_file"] {
            if let given = root.optional(name) {
                throw given.error("a key of no network", allowed: "only beside a network; enrolment brings the key")
            }
        }
        if deviceKey == nil, !isOpen {
            _ = try root.required("device_key", "32 hexadecimal digits, 'device_key_file', or 'open_enrolment: true'")
        }
    }

    /// A serial number in the alphabet of protocol §1.5.
    private static func serial(_ field: Field) throws(ConfigurationError) -> SerialNumber {
        let allowed = "5 or 7 of BCDFGHJKLMNPQRSTVWXYZ123456789"
        let text = try field.text(allowed)
        // The text of the number must be the text given: what wraps around 32 bits is no serial number.
        guard let serial = try? SerialNumber(parsing: text), serial.text == text else {
            throw field.error("not a serial number: '\(text.prefix(20))'", allowed: allowed)
        }
        return serial
    }

    /// A static random address: its two uppermost bits are set (Core 5.4 Vol 6 Part B 1.3.2.1).
    private static func address(_ field: Field) throws(ConfigurationError) -> [UInt8] {
        let allowed = "a static random address, c0:00:00:00:00:00...ff:ff:ff:ff:ff:ff"
        let text = try field.text(allowed)
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { $0.utf8.count == 2 ? Hex.decode($0)?.first : nil }
        guard parts.count == 6, bytes.count == 6, bytes[0] >= 0xC0 else {
            throw field.error("not such an address: '\(text.prefix(40))'", allowed: allowed)
        }
        return bytes
    }
}
