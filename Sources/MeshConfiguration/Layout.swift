public import MeshWire

/// Where the nodes of a simulation stand.
///
/// A layout file is JSON; keys beside these are passed over at the top (files describe themselves there), but not
/// within a node.
///
/// ```json
/// {"format_version": 1, "width_m": 60, "height_m": 40,
///  "nodes": [{"id": 1, "x_m": 3.5, "y_m": 12, "z_m": 0, "sink": false}]}
/// ```
///
/// | key              | unit | default  | range                     |
/// |------------------|------|----------|---------------------------|
/// | `format_version` |      | required | 1                         |
/// | `width_m`        | m    | none     | 0...100000                |
/// | `height_m`       | m    | none     | 0...100000                |
/// | `nodes`          |      | required | 1...1999 of them          |
/// | `nodes[].id`     |      | required | 1...1999, each once       |
/// | `nodes[].x_m`    | m    | required | -100000...100000          |
/// | `nodes[].y_m`    | m    | required | -100000...100000          |
/// | `nodes[].z_m`    | m    | 0        | -100000...100000          |
/// | `nodes[].sink`   |      | false    | true, false               |
public struct Layout: Sendable, Equatable {
    /// One node and its place.
    public struct Node: Sendable, Equatable {
        /// The node's id in its network.
        public var id: NodeID
        /// Metres to the right.
        public var xMetres: Double
        /// Metres down the map.
        public var yMetres: Double
        /// Metres up.
        public var zMetres: Double
        /// Whether the node is a sink.
        public var isSink: Bool

        /// A node at a place.
        public init(id: NodeID, xMetres: Double, yMetres: Double, zMetres: Double = 0, isSink: Bool = false) {
            self.id = id
            self.xMetres = xMetres
            self.yMetres = yMetres
            self.zMetres = zMetres
            self.isSink = isSink
        }
    }

    /// Ids that a node may have.
    public static let nodeIDs: ClosedRange<UInt16> = 1...1999
    static let extent = -100_000.0...100_000.0
    static let size = 0...100_000.0

    /// Width of the map, nil if not told.
    public var widthMetres: Double?
    /// Height of the map, nil if not told.
    public var heightMetres: Double?
    /// All nodes in the order of the file.
    public var nodes: [Node]

    /// A layout from its nodes.
    public init(widthMetres: Double? = nil, heightMetres: Double? = nil, nodes: [Node]) {
        self.widthMetres = widthMetres
        self.heightMetres = heightMetres
        self.nodes = nodes
    }

    /// Reads a layout file.
    ///
    /// - Parameter path: the file.
    /// - Throws: the first thing that is wrong in it.
    public init(path: String) throws(ConfigurationError) {
        try self.init(json: try InputFile.text(at: path), file: path)
    }

    /// Reads the text of a layout file.
    ///
    /// - Parameters:
    ///   - json: the text.
    ///   - file: what errors call the file.
    /// - Throws: the first thing that is wrong in it.
    public init(json: String, file: String) throws(ConfigurationError) {
        let document = Field(document: try DocumentNode(json: json, file: file), file: file)
        let root = try document.section(["format_version", "width_m", "height_m", "nodes"], ignoringOthers: true)
        _ = try root.required("format_version", "1").integer(1...1)
        widthMetres = try root.optional("width_m")?.number(Self.size, unit: "m")
        heightMetres = try root.optional("height_m")?.number(Self.size, unit: "m")
        nodes = try Self.nodes(try root.required("nodes", "a list of nodes with id, x_m, y_m"))
    }

    /// A list of nodes, with their ids or numbered from 1.
    static func nodes(_ list: Field) throws(ConfigurationError) -> [Node] {
        var nodes: [Node] = []
        var seen: Set<NodeID> = []
        let items = try list.items("1...1999 nodes")
        guard (1...Int(nodeIDs.upperBound)).contains(items.count) else {
            throw list.error("\(items.count) nodes", allowed: "1...1999 nodes")
        }
        for item in items {
            let keys = try item.section(ScenarioKeys.position)
            let id = try keys.required("id", "1...1999")
            let node = Node(
                id: NodeID(try id.integer(nodeIDs)),
                xMetres: try keys.required("x_m", "metres").number(extent, unit: "m"),
                yMetres: try keys.required("y_m", "metres").number(extent, unit: "m"),
                zMetres: try keys.optional("z_m")?.number(extent, unit: "m") ?? 0,
                isSink: try keys.optional("sink")?.flag() ?? false
            )
            guard seen.insert(node.id).inserted else {
                throw id.error("node \(node.id) is there already", allowed: "each id once")
            }
            nodes.append(node)
        }
        return nodes
    }
}
