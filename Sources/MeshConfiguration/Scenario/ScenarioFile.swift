public import MeshCore
public import MeshWire

/// A radio model of the simulator.
public enum RadioProfile: String, CaseIterable, Sendable {
    /// The simplified model behind the published figures of the reference firmware.
    case reference
    /// Bluetooth LE as it is: channels, collisions, connection events, drifting clocks, and one radio per node.
    case ble

    /// That of scenarios and commands that do not say.
    public static let standard = RadioProfile.ble
}

/// How fast nodes look, try and give up.
public enum TimingPreset: String, CaseIterable, Sendable {
    /// As the reference firmware.
    case stock
    /// As in graft clustering: scanning half of the time, attempts of 0.8 s, a second to re-establish a lost link.
    case brisk
}

/// A rule that draws places for nodes.
public enum LayoutGenerator: String, CaseIterable, Sendable {
    /// Uniform in 60 x 40 m, connected.
    case random
    /// Uniform in 10 x 10 m.
    case dense
    /// Uniform in a rectangle that grows with the number of nodes, connected.
    case scaled
}

/// What is simulated, which question that answers, and what must come out: a YAML file.
///
/// ```yaml
/// question: Do twenty nodes in a hall find together?
/// duration: 90s
/// nodes: { count: 20, placement: random }
/// expect:
///   - { formed_by: 60s }
///   - { always: [no_loops, one_master_bit] }
/// ```
///
/// | key                  | unit | default       | range                                                        |
/// |----------------------|------|---------------|--------------------------------------------------------------|
/// | `question`           |      | none          | one sentence                                                 |
/// | `name`               |      | the file name | text                                                         |
/// | `seed`               |      | 1             | 0...18446744073709551615                                     |
/// | `duration`           | time | 120s          | 1s...2678400s                                                |
/// | `radio`              |      | ble           | ``RadioProfile``, or a section with ``LowEnergySettings``    |
/// | `area.width_m`       | m    | the placement | 1...100000                                                   |
/// | `area.height_m`      | m    | the placement | 1...100000                                                   |
/// | `nodes.count`        |      |               | 1...100000, with `nodes.placement`                           |
/// | `nodes.placement`    |      | random        | ``LayoutGenerator``                                          |
/// | `nodes.positions`    | m    |               | list of `[x, y]`, `[x, y, z]` or `{id, x_m, y_m, z_m, sink}` |
/// | `nodes.layout`       |      |               | a layout file, relative to the scenario                      |
/// | `sinks`              |      | none          | list of node ids                                             |
/// | `unenrolled`         |      | none          | list of node ids: devices without a network, to be enrolled  |
/// | `network.id`         |      | 11            | 2...65280                                                    |
/// | `network.key`        |      | 16 x 22       | 32 hexadecimal digits                                        |
/// | `network.clustering` |      | classic       | classic, graft                                               |
/// | `network.decision`   |      | periodic      | periodic, eager; classic only                                |
/// | `network.timing`     |      | stock         | ``TimingPreset``; classic only, graft is brisk               |
/// | `network.link_encryption` | | true        | true, false: the nodes seal what links carry, no radio does  |
/// | `traffic.every`      | time |               | 50ms...3600s: each node sends to one other that often        |
/// | `traffic.bytes`      | byte | 20            | 4...100 behind the message header                            |
/// | `strangers`          |      | none          | list of ``Strangers``                                        |
/// | `messages`           |      | none          | list of ``Workload``                                         |
/// | `timeline`           |      | empty         | list of ``TimelineEntry``                                    |
/// | `expect`             |      | empty         | list of ``Expectation``                                      |
///
/// A device of `unenrolled` is made with the node key of stock builds, sixteen bytes of 11, and with the serial number of its id.
/// As long as nobody has enrolled it, it is none of the nodes that shall be one cluster.
///
/// A time is `60s`, `1.5s`, `250ms`, `2min`, `1h`, or plain seconds.
public struct ScenarioFile: Sendable, Equatable {
    /// Where the nodes stand.
    public enum Placement: Sendable, Equatable {
        /// Drawn from the seed.
        case generated(LayoutGenerator, count: Int)
        /// Told.
        case fixed(Layout)
    }

    /// Extent of the map in metres.
    public struct Area: Sendable, Equatable {
        /// From left to right.
        public var widthMetres: Double
        /// From top to bottom.
        public var heightMetres: Double

        /// An area from its sides.
        public init(widthMetres: Double, heightMetres: Double) {
            self.widthMetres = widthMetres
            self.heightMetres = heightMetres
        }
    }

    /// What all nodes share.
    public struct Network: Sendable, Equatable {
        /// The network of the first 1,999 nodes; further networks count up from it.
        public var id: NetworkID
        /// The network key, 16 bytes.
        public var key: [UInt8]
        /// How clusters form.
        public var clustering: ClusteringMode
        /// When classic nodes look for partners.
        public var decision: DecisionPolicy
        /// How fast classic nodes are; graft is always brisk.
        public var timing: TimingPreset
        /// Whether radios encrypt links; if not, the nodes seal what they write themselves.
        public var linkEncryption: Bool

        /// A network; without arguments, the one of a stock open-source build.
        public init(
            id: NetworkID = NetworkID(11),
            key: [UInt8] = [UInt8](repeating: 0x22, count: 16),
            clustering: ClusteringMode = .classic,
            decision: DecisionPolicy = .periodic,
            timing: TimingPreset = .stock,
            linkEncryption: Bool = true
        ) {
            self.id = id
            self.key = key
            self.clustering = clustering
            self.decision = decision
            self.timing = timing
            self.linkEncryption = linkEncryption
        }

        /// How every node of the network behaves.
        public var behaviour: Configuration {
            var configuration = Configuration(clustering: clustering)
            if clustering == .classic {
                configuration.decision = decision
                if timing == .brisk {
                    configuration.timing = .brisk
                }
            }
            return configuration
        }
    }

    /// Messages that go on all the time: every node sends to one other, drawn from the seed.
    public struct Traffic: Sendable, Equatable {
        /// Microseconds between two messages of a node.
        public var periodMicroseconds: UInt64
        /// Bytes behind the message header.
        public var bytes: Int

        /// Traffic from its fields.
        public init(periodMicroseconds: UInt64, bytes: Int) {
            self.periodMicroseconds = periodMicroseconds
            self.bytes = bytes
        }
    }

    /// Most nodes of one scenario.
    public static let nodeCountMax = 100_000
    /// Simulated time of a scenario that does not say.
    public static let durationDefaultMicroseconds: UInt64 = 120 * 1_000_000
    /// Longest simulated time: 31 days.
    public static let durationMaxMicroseconds: UInt64 = 31 * 86_400 * 1_000_000

    /// The file as the caller named it, for the replay command.
    public var file: String
    /// Short name.
    public var name: String
    /// What running it answers, in one sentence.
    public var question: String
    /// Where all randomness comes from.
    public var seed: UInt64
    /// Simulated time.
    public var durationMicroseconds: UInt64
    /// The radio model.
    public var radio: RadioProfile
    /// How the air is, under the `ble` radio.
    public var lowEnergy: LowEnergySettings
    /// The map, nil if the placement decides.
    public var area: Area?
    /// The nodes.
    public var placement: Placement
    /// Line of `nodes` in the file, for what turns out to be wrong only when places are drawn; nil if there is no file.
    public var nodesLine: Int?
    /// Nodes that are sinks, in ascending order, those of a layout included.
    public var sinks: [NodeID]
    /// Nodes that begin without a network, in ascending order.
    public var unenrolled: [NodeID]
    /// What the nodes share.
    public var network: Network
    /// Messages that go on all the time; nil: none.
    public var traffic: Traffic?
    /// Nodes that do not belong to the network, or not yet.
    public var strangers: [Strangers]
    /// Messages that are followed one by one.
    public var messages: [Workload]
    /// What happens, in the order of time.
    public var timeline: [TimelineEntry]
    /// What must come out.
    public var expectations: [Expectation]

    /// A scenario that comes from no file, for instance from the options of a command.
    ///
    /// - Parameters:
    ///   - name: its name; also stands for the file.
    ///   - durationMicroseconds: simulated time.
    ///   - placement: the nodes.
    public init(name: String, durationMicroseconds: UInt64, placement: Placement) {
        file = name
        self.name = name
        question = ""
        seed = 1
        self.durationMicroseconds = durationMicroseconds
        radio = .standard
        lowEnergy = LowEnergySettings()
        area = nil
        self.placement = placement
        nodesLine = nil
        sinks = Self.sinks(of: placement).sorted()
        unenrolled = []
        network = Network()
        traffic = nil
        strangers = []
        messages = []
        timeline = []
        expectations = []
    }

    /// Reads a scenario file and the layout that it names.
    ///
    /// - Parameter path: the file.
    /// - Throws: the first thing that is wrong in either.
    public init(path: String) throws(ConfigurationError) {
        try self.init(yaml: try InputFile.text(at: path), file: path)
    }

    /// Reads the text of a scenario, and the layout file that it names.
    ///
    /// - Parameters:
    ///   - yaml: the text.
    ///   - file: what errors call the file; a layout is looked for beside it.
    /// - Throws: the first thing that is wrong in either.
    public init(yaml: String, file: String) throws(ConfigurationError) {
        let document = Field(document: try DocumentNode(yaml: yaml, file: file), file: file)
        let root = try document.section(ScenarioKeys.scenario)
        self.file = file
        question = try root.optional("question")?.text("one sentence") ?? ""
        name = try root.optional("name")?.text("a short name") ?? Self.stem(file)
        seed = try root.optional("seed")?.integer(0...UInt64.max) ?? 1
        durationMicroseconds =
            try root.optional("duration")?.duration(1_000_000...Self.durationMaxMicroseconds)
            ?? Self.durationDefaultMicroseconds
        (radio, lowEnergy) =
            try root.optional("radio").map { field throws(ConfigurationError) in try RadioReader.radio(field) }
            ?? (.standard, LowEnergySettings())
        area = try root.optional("area").map { field throws(ConfigurationError) in try Self.area(field) }
        let nodes = try root.required("nodes", "count and placement, positions, or layout")
        placement = try Self.placement(nodes, file: file)
        nodesLine = nodes.node.line
        network =
            try root.optional("network").map { field throws(ConfigurationError) in try Self.network(field) }
            ?? Network()

        traffic = try root.optional("traffic").map { field throws(ConfigurationError) in
            let keys = try field.section(ScenarioKeys.traffic)
            return Traffic(
                periodMicroseconds: try keys.required("every", "a time such as 1s").duration(50_000...3_600_000_000),
                bytes: try keys.optional("bytes")?.integer(4...100, unit: "bytes") ?? 20
            )
        }

        let reader = Self.timelineReader(
            placement,
            duration: durationMicroseconds,
            radio: radio,
            walls: lowEnergy.walls
        )
        sinks = try Self.sinks(root.optional("sinks"), placement: placement, reader: reader)
        unenrolled = try Self.unenrolled(root.optional("unenrolled"), reader: reader)
        timeline =
            try root.optional("timeline").map { field throws(ConfigurationError) in try reader.entries(field) } ?? []
        strangers =
            try root.optional("strangers").map { field throws(ConfigurationError) in
                try Strangers.read(field, nodes: reader.nodes)
            } ?? []
        let duration = durationMicroseconds
        let workloads = WorkloadReader(duration: duration, nodes: reader.nodes)
        messages =
            try root.optional("messages").map { field throws(ConfigurationError) in try workloads.workloads(field) }
            ?? []
        let clustering = network.clustering
        let claims = ExpectationReader(
            duration: duration,
            clustering: clustering,
            hasTraffic: traffic != nil,
            hasMessages: !messages.isEmpty || timeline.contains { $0.action.isSend },
            nodes: reader.nodes
        )
        expectations =
            try root.optional("expect").map { field throws(ConfigurationError) in
                try claims.expectations(field)
            } ?? []
    }

    /// Number of nodes.
    public var nodeCount: Int {
        switch placement {
        case .generated(_, let count): count
        case .fixed(let layout): layout.nodes.count
        }
    }

    /// Whether it does what only the `ble` radio can.
    public var needsLowEnergy: Bool {
        timeline.contains { entry in
            switch entry.action {
            case .move, .walk, .jam, .unjam, .noise, .raiseWall(_, .some): true
            default: false
            }
        }
    }

    private static func stem(_ file: String) -> String {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    }

    private static func area(_ field: Field) throws(ConfigurationError) -> Area {
        let keys = try field.section(ScenarioKeys.area)
        return Area(
            widthMetres: try keys.required("width_m", "metres").number(1...100_000, unit: "m"),
            heightMetres: try keys.required("height_m", "metres").number(1...100_000, unit: "m")
        )
    }

    private static func network(_ field: Field) throws(ConfigurationError) -> Network {
        let keys = try field.section(ScenarioKeys.network)
        var network = Network()
        if let id = keys.optional("id") { network.id = NetworkID(try id.integer(NetworkID.usable)) }
        if let key = keys.optional("key") { network.key = try key.bytes(16...16) }
        if let clustering = keys.optional("clustering") {
            if case .sequence = clustering.node.content {
                throw clustering.error("several modes", allowed: "one: nodes of different modes never link")
            }
            network.clustering = try clustering.choice()
        }
        if let decision = keys.optional("decision") { network.decision = try decision.choice() }
        if let timing = keys.optional("timing") { network.timing = try timing.choice() }
        if let encrypts = keys.optional("link_encryption") { network.linkEncryption = try encrypts.flag() }
        guard network.clustering == .graft else { return network }
        for key in ["decision", "timing"] {
            if let given = keys.optional(key) { throw given.error("not with graft", allowed: "only beside classic") }
        }
        return network
    }

    private static func placement(_ field: Field, file: String) throws(ConfigurationError) -> Placement {
        let keys = try field.section(ScenarioKeys.nodes)
        let (kind, value) = try keys.exactlyOne(of: ["count", "positions", "layout"], what: "description of the nodes")
        if kind != "count", let placement = keys.optional("placement") { throw placement.error("only beside count") }
        switch kind {
        case "count":
            let count = try value.integer(1...nodeCountMax, unit: "nodes")
            return .generated(try keys.optional("placement")?.choice() ?? .random, count: count)
        case "positions":
            return .fixed(Layout(nodes: try positions(value)))
        default:
            let path = InputFile.path(try value.text("a layout file"), relativeTo: file)
            guard InputFile.exists(path) else {
                throw value.error("no such file: \(path)", allowed: "a layout file, relative to the scenario")
            }
            return .fixed(try Layout(path: path))
        }
    }

    private static func positions(_ list: Field) throws(ConfigurationError) -> [Layout.Node] {
        let items = try list.items("positions as [x, y]")
        if case .mapping? = items.first?.node.content { return try Layout.nodes(list) }
        guard (1...Int(Layout.nodeIDs.upperBound)).contains(items.count) else {
            throw list.error("\(items.count) positions", allowed: "1...1999 positions")
        }
        var nodes: [Layout.Node] = []
        for (index, item) in items.enumerated() {
            var metres: [Double] = []
            for value in try item.items("[x, y] or [x, y, z] in metres") {
                metres.append(try value.number(Layout.extent, unit: "m"))
            }
            guard metres.count == 2 || metres.count == 3 else {
                throw item.error("\(metres.count) numbers", allowed: "[x, y] or [x, y, z] in metres")
            }
            nodes.append(
                Layout.Node(
                    id: NodeID(UInt16(index + 1)),
                    xMetres: metres[0],
                    yMetres: metres[1],
                    zMetres: metres.count == 3 ? metres[2] : 0
                )
            )
        }
        return nodes
    }

    private static func timelineReader(
        _ placement: Placement,
        duration: UInt64,
        radio: RadioProfile,
        walls: [RadioWall]
    ) -> TimelineReader {
        switch placement {
        case .generated(_, let count):
            let last = UInt16(min(count, Int(Layout.nodeIDs.upperBound)))
            let nodes = NodeReferenceReader(
                isNode: { (1...last).contains($0.rawValue) },
                nodesHint: "node ids 1...\(last)"
            )
            return TimelineReader(duration: duration, radio: radio, walls: walls, nodes: nodes)
        case .fixed(let layout):
            let ids = Set(layout.nodes.map(\.id))
            let hint = "node ids of the layout, \(ids.min() ?? .broadcast)...\(ids.max() ?? .broadcast)"
            let nodes = NodeReferenceReader(isNode: { ids.contains($0) }, nodesHint: hint)
            return TimelineReader(duration: duration, radio: radio, walls: walls, nodes: nodes)
        }
    }

    private static func unenrolled(_ field: Field?, reader: TimelineReader) throws(ConfigurationError) -> [NodeID] {
        guard let field else { return [] }
        var nodes: Set<NodeID> = []
        for item in try field.items(reader.nodes.nodesHint) {
            guard nodes.insert(try reader.nodes.id(item)).inserted else {
                throw item.error("\(item.node.summary) is there already", allowed: "each node once")
            }
        }
        return nodes.sorted()
    }

    private static func sinks(of placement: Placement) -> Set<NodeID> {
        guard case .fixed(let layout) = placement else { return [] }
        return Set(layout.nodes.filter(\.isSink).map(\.id))
    }

    private static func sinks(
        _ field: Field?,
        placement: Placement,
        reader: TimelineReader
    ) throws(ConfigurationError) -> [NodeID] {
        var sinks = Self.sinks(of: placement)
        if let field {
            for item in try field.items(reader.nodes.nodesHint) {
                sinks.insert(try reader.nodes.id(item))
            }
        }
        return sinks.sorted()
    }
}
