import MeshWire

/// Reads the timeline of a scenario.
struct TimelineReader {
    /// Entries that repetition may make of a file.
    private static let entriesMax = 100_000
    /// What `for` can undo.
    private static let undoable =
        [
            "power_off", "block_link", "partition", "noise", "raise_wall", "adversary", "adapter_reset",
        ] + Disturbance.names
    /// How long a host needs to reset its adapter.
    private static let resetMicroseconds: UInt64 = 500_000

    let duration: UInt64
    let radio: RadioProfile
    /// Walls that stand from the beginning.
    let walls: [RadioWall]
    let nodes: NodeReferenceReader

    /// All entries in the order of time; equal times keep the order of the file.
    func entries(_ list: Field) throws(ConfigurationError) -> [TimelineEntry] {
        var entries: [TimelineEntry] = []
        var removals: [(field: Field, wall: Segment)] = []
        for item in try list.items("entries with at and an action") {
            let keys = try item.section(ScenarioKeys.entry)
            let at = try keys.required("at", "a time such as 60s").duration(0...duration)
            let (name, value) = try keys.exactlyOne(of: ScenarioKeys.actions, what: "action")
            let length = try length(keys, of: name)
            var actions: [(offset: UInt64, action: TimelineAction)] = []
            if name == "jam" {
                let (channels, period) = try jam(value)
                actions = [(0, .jam(channels)), (period, .unjam(channels))]
            } else {
                let action = try action(name, value)
                if case .removeWall(let wall) = action { removals.append((value, wall)) }
                actions = [(0, action)]
            }
            let (times, period) = try repetition(keys, from: at)
            guard entries.count + times * actions.count <= Self.entriesMax else {
                throw item.error("too many repetitions", allowed: "at most \(Self.entriesMax) entries in all")
            }
            for turn in 0..<UInt64(times) {
                for (offset, action) in actions {
                    entries.append(
                        TimelineEntry(
                            atMicroseconds: at + turn * period + offset,
                            action: action,
                            forMicroseconds: length
                        )
                    )
                }
            }
        }
        try checkThatWallsStand(removals, entries)
        // Swift's sort is stable.
        return entries.sorted { $0.atMicroseconds < $1.atMicroseconds }
    }

    /// A wall that nobody raises cannot be removed: it would stand somewhere else than it was meant to.
    private func checkThatWallsStand(
        _ removals: [(field: Field, wall: Segment)],
        _ entries: [TimelineEntry]
    ) throws(ConfigurationError) {
        let raised = entries.compactMap { entry -> Segment? in
            if case .raiseWall(let wall, _) = entry.action { wall } else { nil }
        }
        let known = Set(walls.map(\.segment)).union(raised)
        for (field, wall) in removals where !known.contains(wall) {
            throw field.error("no such wall", allowed: "from and to of a raise_wall or of radio.walls")
        }
    }

    private func length(_ keys: Section, of name: String) throws(ConfigurationError) -> UInt64? {
        guard let field = keys.optional("for") else { return name == "adapter_reset" ? Self.resetMicroseconds : nil }
        guard Self.undoable.contains(name) else {
            throw field.error("not with \(name)", allowed: "beside " + Self.undoable.joined(separator: ", "))
        }
        return try field.duration(1_000...duration)
    }

    /// How often an entry happens, and how far apart: `every` alone goes on to the end of the run.
    private func repetition(_ keys: Section, from at: UInt64) throws(ConfigurationError) -> (Int, UInt64) {
        guard let every = keys.optional("every") else {
            if let times = keys.optional("times") { throw times.error("how far apart?", allowed: "only beside every") }
            return (1, 0)
        }
        let period = try every.duration(1_000...max(1_000, duration))
        let most = (duration - at) / period + 1
        let times = try keys.optional("times")?.integer(1...most, unit: "times before the end") ?? most
        return (Int(min(times, UInt64(Self.entriesMax) + 1)), period)
    }

    private func action(_ name: String, _ value: Field) throws(ConfigurationError) -> TimelineAction {
        switch name {
        case "power_off": return .powerOff(try nodes.references(value, symbols: ["best_connected", "all", "sinks"]))
        case "power_on": return .powerOn(try nodes.references(value, symbols: ["all", "sinks"]))
        case "reboot": return .reboot(try nodes.references(value, symbols: ["best_connected", "all", "sinks"]))
        case "enrol": return .enrol(try nodes.references(value, symbols: ["all"]))
        case "move": return try movement(value)
        case "partition": return try partition(value)
        case "rejoin":
            guard try value.flag() else { throw value.error("nothing happens", allowed: "true") }
            return .rejoin
        case "raise_wall": return try wall(value)
        case "remove_wall": return .removeWall(try RadioReader.segment(try value.section(ScenarioKeys.segment)))
        case "noise": return try noise(value)
        case "send": return try send(value)
        case "adversary": return try adversary(value)
        case "adapter_reset":
            return .adapterReset(try nodes.references(value, symbols: ["best_connected", "all", "sinks"]))
        case _ where Disturbance.names.contains(name):
            let (references, disturbance) = try Disturbance.read(name, value, nodes: nodes)
            return .disturb(references, disturbance)
        default:
            let ends = try value.items("two different nodes, as [1, 2]")
            guard ends.count == 2 else {
                throw value.error("\(ends.count) nodes", allowed: "two different nodes, as [1, 2]")
            }
            let (first, second) = (try nodes.id(ends[0]), try nodes.id(ends[1]))
            guard first != second else {
                throw value.error("the same node twice", allowed: "two different nodes, as [1, 2]")
            }
            return name == "block_link" ? .blockLink(first, second) : .unblockLink(first, second)
        }
    }

    // MARK: - Under the ble radio

    private func jam(_ value: Field) throws(ConfigurationError) -> (JammedChannels, UInt64) {
        try requireLowEnergy(value)
        let keys = try value.section(ScenarioKeys.jam)
        let channels: JammedChannels = try keys.optional("channels")?.choice() ?? .all
        return (channels, try keys.required("for", "a time such as 5s").duration(1_000...duration))
    }

    private func noise(_ value: Field) throws(ConfigurationError) -> TimelineAction {
        try requireLowEnergy(value)
        let keys = try value.section(ScenarioKeys.noise)
        var noise = Noise(riseDecibels: try keys.required("db", "0...60 dB").number(0...60, unit: "dB"))
        if let channels = keys.optional("channels") { noise.channels = try channels.choice() }
        if let those = keys.optional("nodes") {
            noise.nodes = try nodes.references(those, symbols: ["best_connected", "all", "sinks"])
        }
        return .noise(noise)
    }

    private func requireLowEnergy(_ value: Field) throws(ConfigurationError) {
        guard radio == .ble else { throw value.error("the reference radio cannot do this", allowed: "with radio: ble") }
    }

    private func movement(_ value: Field) throws(ConfigurationError) -> TimelineAction {
        try requireLowEnergy(value)
        let keys = try value.section(ScenarioKeys.movement)
        let (who, field) = try keys.exactlyOne(of: ["node", "nodes"], what: "node")
        let walkers = who == "node" ? [try nodes.id(field)] : try nodes.ids(field)
        let (where_, goal) = try keys.exactlyOne(of: ["to", "path", "by"], what: "goal")
        let speed = try keys.optional("speed_m_s")?.number(0.01...100, unit: "m/s")
        let laps = try keys.optional("laps")?.integer(1...10_000) ?? 1
        var points: [(x: Double, y: Double)] = []
        if where_ == "to" {
            points = [try RadioReader.point(goal)]
        } else {
            for item in try goal.items("points as [[x, y], [x, y]] in metres") {
                points.append(try RadioReader.point(item))
            }
        }
        guard let last = points.last else { throw goal.error("an empty list", allowed: "points as [[x, y], [x, y]]") }
        guard let speed else {
            // Without a speed, it is there at once.
            guard where_ == "to", walkers.count == 1 else {
                throw value.error("how fast?", allowed: "speed_m_s, or one node and to, which jumps")
            }
            return .move(walkers[0], x: last.x, y: last.y)
        }
        return .walk(
            Walk(
                nodes: walkers,
                path: points.map { Walk.Point(x: $0.x, y: $0.y) },
                isRelative: where_ == "by",
                speed: speed,
                laps: laps
            )
        )
    }

    // MARK: - Groups, walls, messages, adversaries

    private func partition(_ value: Field) throws(ConfigurationError) -> TimelineAction {
        let hint = "groups of nodes, as [[1, 2], [3, 4]]; one group is cut off from all others"
        var groups: [[NodeReference]] = []
        for group in try value.items(hint) {
            groups.append(try nodes.references(group, symbols: ["sinks"]))
        }
        guard !groups.isEmpty else { throw value.error("an empty list", allowed: hint) }
        return .partition(groups)
    }

    private func wall(_ value: Field) throws(ConfigurationError) -> TimelineAction {
        let keys = try value.section(ScenarioKeys.raisedWall)
        guard let loss = keys.optional("loss_db") else {
            return .raiseWall(try RadioReader.segment(keys), lossDecibels: nil)
        }
        try requireLowEnergy(loss)
        return .raiseWall(try RadioReader.segment(keys), lossDecibels: try RadioReader.loss(loss))
    }

    private func send(_ value: Field) throws(ConfigurationError) -> TimelineAction {
        let keys = try value.section(ScenarioKeys.send)
        let from = try nodes.references(
            try keys.required("from", nodes.nodesHint),
            symbols: ["best_connected", "all", "sinks"]
        )
        let to = try keys.required("to", nodes.nodesHint + ", sink, all")
        let receiver: SendOrder.Receiver =
            switch to.node.content {
            case .scalar("sink", _): .sink
            case .scalar("all", _): .all
            default: .node(try nodes.id(to, hint: nodes.nodesHint + ", sink, all"))
            }
        return .send(
            SendOrder(
                from: from,
                to: receiver,
                bytes: try keys.optional("bytes")?.integer(4...100, unit: "bytes") ?? 20
            )
        )
    }

    private func adversary(_ value: Field) throws(ConfigurationError) -> TimelineAction {
        let keys = try value.section(ScenarioKeys.adversary)
        return .adversary(
            Adversary(
                node: try nodes.id(try keys.required("node", nodes.nodesHint)),
                claims: try keys.optional("claims").map { field throws(ConfigurationError) in
                    NodeID(try field.integer(1...Layout.nodeIDs.upperBound))
                },
                clusterSize: try keys.optional("cluster_size")?.integer(1...Int16.max, unit: "nodes") ?? 500,
                periodMicroseconds: try keys.optional("every")?.duration(50_000...60_000_000) ?? 1_000_000
            )
        )
    }
}

extension TimelineAction {
    /// Whether it sends messages.
    public var isSend: Bool { if case .send = self { true } else { false } }
}
