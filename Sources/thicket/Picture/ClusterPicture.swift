import MeshControl
import MeshWire

/// A moment of a simulation, as much of it as a person wants to see.
struct Moment: Sendable, Equatable {
    /// A cluster as its members see it.
    struct Cluster: Sendable, Equatable {
        var id: ClusterID
        var size: Int
    }

    /// Something that happened.
    struct Occurrence: Sendable, Equatable {
        var atMicroseconds: UInt64
        var text: String
    }

    /// Name of the scenario and seed.
    var title: String
    var atMicroseconds: UInt64
    var durationMicroseconds: UInt64
    var nodes: Int
    /// Nodes that are switched on.
    var poweredNodes: Int
    /// Handshaked links.
    var links: Int
    /// Clusters of powered nodes, in any order.
    var clusters: [Cluster]
    /// The latest occurrences, oldest first.
    var occurrences: [Occurrence]
}

/// Draws a moment: how far the run is, which clusters there are and how big, what happened last.
struct ClusterPicture {
    var terminal: TerminalTraits

    /// Clusters of more than one node get a bar each, up to this many.
    private static let barsMax = 12
    private static let occurrencesMax = 6

    func lines(_ moment: Moment) -> [StyledLine] {
        [heading(moment), progress(moment), "", totals(moment)] + bars(moment) + [""] + occurrences(moment)
    }

    private var full: Character { terminal.hasUnicode ? "█" : "#" }
    private var empty: Character { terminal.hasUnicode ? "░" : "." }
    private var width: Int { max(20, min(terminal.columns, 100) - 2) }

    private func heading(_ moment: Moment) -> StyledLine {
        let time = DecimalText.fixed(Double(moment.atMicroseconds) / 1e6, 1)
        let clock = "\(time) s of \(DecimalText.seconds(moment.durationMicroseconds)) s"
        var line = StyledLine(DecimalText.left(moment.title, max(0, width - clock.count)), .bold)
        line.add(clock)
        return line
    }

    private func progress(_ moment: Moment) -> StyledLine {
        let total = max(1, moment.durationMicroseconds)
        let share = min(1, Double(moment.atMicroseconds) / Double(total))
        let done = Int(share * Double(width))
        var line = StyledLine(String(repeating: full, count: done), .good)
        line.add(String(repeating: empty, count: width - done), .dim)
        return line
    }

    private func totals(_ moment: Moment) -> StyledLine {
        let largest = moment.clusters.map(\.size).max() ?? 0
        var line = StyledLine(Self.count(moment.clusters.count, "cluster"), .bold)
        line.add(
            ", largest \(largest) of \(Self.count(moment.poweredNodes, "node")), \(Self.count(moment.links, "link"))"
        )
        let off = moment.nodes - moment.poweredNodes
        if off > 0 { line.add(", \(off) without power", .bad) }
        if moment.clusters.count == 1, largest == moment.poweredNodes { line.add(" - one cluster", .good) }
        return line
    }

    private func bars(_ moment: Moment) -> [StyledLine] {
        let grown = moment.clusters.filter { $0.size > 1 }.sorted { ($1.size, $0.id) < ($0.size, $1.id) }
        let singles = moment.clusters.count - grown.count
        let room = width - 24
        // One cell per node while that fits, so that a bar can be counted.
        let scale = max(1, Double(moment.nodes) / Double(max(1, room)))
        var lines = grown.prefix(Self.barsMax).map { cluster in
            var line = StyledLine("  " + DecimalText.right(String(cluster.id.rawValue), 10) + " ", .dim)
            let cells = max(1, Int(Double(cluster.size) / scale))
            line.add(String(repeating: full, count: cells), .tint(UInt32(cluster.id.creator.rawValue)))
            line.add(" \(cluster.size)")
            return line
        }
        if grown.count > Self.barsMax {
            lines.append(StyledLine("  and \(grown.count - Self.barsMax) more clusters"))
        }
        if singles > 0 {
            var line = StyledLine("  " + DecimalText.right("alone", 10) + " ", .dim)
            let cells = max(1, Int(Double(singles) / scale))
            line.add(String(repeating: terminal.hasUnicode ? "·" : ".", count: cells), .dim)
            line.add(" \(singles)")
            lines.append(line)
        }
        return lines
    }

    private func occurrences(_ moment: Moment) -> [StyledLine] {
        moment.occurrences.suffix(Self.occurrencesMax).map { occurrence in
            let time = DecimalText.fixed(Double(occurrence.atMicroseconds) / 1e6, 2)
            var line = StyledLine(DecimalText.right(time, 9) + " s  ", .dim)
            line.add(occurrence.text)
            return line
        }
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
