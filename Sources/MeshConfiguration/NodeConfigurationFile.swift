import ByteCoding
public import MeshWire

/// How long a node looks for others with high duty (protocol §3.1).
public enum DiscoverySpeed: String, CaseIterable, Sendable {
    /// Always: a tenth of the time is spent listening.
    case high
    /// For a minute after each change; then a hundredth of the time is spent listening.
    case low
}

/// The configuration of one node: a YAML file.
///
/// ```yaml
/// node: 7
/// network: 11
/// key: "22222222222222222222222222222222"
/// ```
///
/// | key         | unit | default               | range                                             |
/// |-------------|------|-----------------------|---------------------------------------------------|
/// | `node`      |      | required              | 1...1999, the id in the network                   |
/// | `network`   |      | 11                    | 2...65280                                         |
/// | `key`       |      | required              | network key, 32 hexadecimal digits                |
/// | `name`      |      | none                  | text of at most 40 characters                     |
/// | `sink`      |      | false                 | true, false                                       |
/// | `links.in`  |      | 2                     | 0...2 mesh links as peripheral                    |
/// | `links.out` |      | 3                     | 0...3 mesh links as central                       |
/// | `discovery` |      | high                  | high, low                                         |
/// | `serial`    |      | from the node id      | serial number, BBBBB...99999 or 7 symbols          |
/// | `address`   |      | chosen by the radio   | static random address as c0:00:00:00:00:07        |
public struct NodeConfigurationFile: Sendable, Equatable {
    /// The node's id in its network.
    public var node: NodeID
    /// The network it belongs to.
    public var network: NetworkID
    /// The network key, 16 bytes.
    public var key: [UInt8]
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
    /// Serial number as printed on the node; nil stands for index node - 1.
    public var serial: SerialNumber?
    /// Its own address, most significant byte first; nil leaves it to the radio.
    public var address: [UInt8]?

    /// Reads a configuration file.
    ///
    /// - Parameter path: the file.
    /// - Throws: the first thing that is wrong in it.
    public init(path: String) throws(ConfigurationError) {
        try self.init(yaml: try InputFile.text(at: path), file: path)
    }

    /// Reads the text of a configuration file.
    ///
    /// - Parameters:
    ///   - yaml: the text.
    ///   - file: what errors call the file.
    /// - Throws: the first thing that is wrong in it.
    public init(yaml: String, file: String) throws(ConfigurationError) {
        let document = Field(document: try DocumentNode(yaml: yaml, file: file), file: file)
        let root = try document.section([
            "node", "network", "key", "name", "sink", "links", "discovery", "serial", "address",
        ])
        node = NodeID(try root.required("node", "1...1999").integer(Layout.nodeIDs))
        network = NetworkID(try root.optional("network")?.integer(NetworkID.usable) ?? 11)
        key = try root.required("key", "32 hexadecimal digits").bytes(16...16)
        name = try root.optional("name")?.text("a name", maximum: 40)
        isSink = try root.optional("sink")?.flag() ?? false
        let links = try root.optional("links")?.section(["in", "out"])
        linksIn = try links?.optional("in")?.integer(0...2) ?? 2
        linksOut = try links?.optional("out")?.integer(0...3) ?? 3
        discovery = try root.optional("discovery")?.choice() ?? .high
        serial = try root.optional("serial").map { field throws(ConfigurationError) in try Self.serial(field) }
        address = try root.optional("address").map { field throws(ConfigurationError) in try Self.address(field) }
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
