import MeshHistory

/// What a history comes to.
struct HistorySummary: Equatable {
    /// Links to one node.
    struct Partner: Equatable {
        var node: Int
        /// Links that neither of the two nodes ended.
        var lost = 0
        /// Of these, the ones that came back.
        var back = 0
        /// Links that one of the two nodes ended, as clusters do when they merge.
        var closed = 0
        /// Seconds until a link was back.
        var backAfter: Distribution?
        /// Reasons of the lost ones, the most frequent first.
        var reasons: [Reason] = []
    }

    /// Why links were lost, and how often for that.
    struct Reason: Equatable {
        var name: String
        var count: Int
    }

    /// The node, nil if nothing is recorded.
    var node: Int?
    var network: Int?
    /// From when to when something is known, in milliseconds since 1970.
    var from: Int64
    var to: Int64
    /// Milliseconds of it that the node was up.
    var up: Int64
    var boots: Int
    /// Boots whose end nobody wrote: power cuts, crashes, kills.
    var cutOff: Int
    /// The latest boot if nobody has written its end.
    var isOpen: Bool
    var jumps: Int
    /// By number.
    var partners: [Partner]
    var formations: Int
    /// Those that brought the node together with others.
    var formed: Int
    /// Seconds that these took.
    var formationSeconds: Distribution?

    /// Milliseconds since 1970 from which on `contents` was asked for, nil for all of it.
    init(_ contents: HistoryReader.Contents, since: Int64?) {
        let latest = contents.boots.last
        node = latest?.node
        network = latest?.network
        let first = contents.boots.first?.began.at ?? 0
        from = max(first, since ?? first)
        to = max(latest?.last ?? from, from)
        let start = from
        // A boot that began earlier counts from the start on.
        up = contents.boots.reduce(0) { $0 + min($1.up, max(0, $1.last - start)) }
        boots = contents.boots.count
        cutOff = contents.boots.count { $0.end == .machineDown || $0.end == .cutOff }
        isOpen = latest?.end == .open
        jumps = contents.jumps.count
        partners = Dictionary(grouping: contents.losses, by: \.partner)
            .map { Self.partner($0.key, $0.value) }
            .sorted { $0.node < $1.node }
        formations = contents.formations.count
        let together = contents.formations.filter(\.isFormed)
        formed = together.count
        formationSeconds = Distribution(together.map { Double($0.duration) / 1000 })
    }

    /// Share of the time that the node was up, 0...1; nil if there is no time.
    var upShare: Double? { to > from ? min(1, Double(up) / Double(to - from)) : nil }

    /// Links that neither end wanted to end.
    var lost: Int { partners.reduce(0) { $0 + $1.lost } }
    /// Of these, the ones that came back.
    var back: Int { partners.reduce(0) { $0 + $1.back } }
    /// Links that one of the ends closed.
    var closed: Int { partners.reduce(0) { $0 + $1.closed } }

    private static func partner(_ node: Int, _ losses: [LossRow]) -> Partner {
        let lost = losses.filter { !$0.isWanted }
        let back = lost.filter(\.isBack)
        return Partner(
            node: node,
            lost: lost.count,
            back: back.count,
            closed: losses.count - lost.count,
            backAfter: Distribution(back.compactMap { $0.after.map { Double($0) / 1000 } }),
            reasons: Dictionary(grouping: lost, by: \.reason)
                .map { Reason(name: $0.key, count: $0.value.count) }
                .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
        )
    }
}
