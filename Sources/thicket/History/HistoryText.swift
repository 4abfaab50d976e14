import MeshControl
import MeshHistory

/// A history as tables for people, within 80 columns.
enum HistoryText {
    // MARK: - Figures

    /// UTC, in seconds, of milliseconds since 1970.
    static func time(_ milliseconds: Int64) -> String { UTCTime.text(UInt32(clamping: milliseconds / 1000)) }

    /// A day by its number since 1970.
    static func day(_ number: Int64) -> String { String(time(number * 86_400_000).prefix(10)) }

    /// A span of time in its two greatest units: `340 ms`, `12.3 s`, `4 min 5 s`, `3 h 20 min`, `6 d 2 h`.
    static func span(_ milliseconds: Int64) -> String {
        let sign = milliseconds < 0 ? "-" : ""
        let rest = milliseconds.magnitude
        switch rest {
        case ..<1000: return sign + "\(rest) ms"
        case ..<60_000: return sign + DecimalText.decimals(Double(rest / 100) / 10, atMost: 1) + " s"
        case ..<3_600_000: return sign + "\(rest / 60_000) min \(rest / 1000 % 60) s"
        case ..<86_400_000: return sign + "\(rest / 3_600_000) h \(rest / 60_000 % 60) min"
        default: return sign + "\(rest / 86_400_000) d \(rest / 3_600_000 % 24) h"
        }
    }

    private static func seconds(_ value: Double) -> String { span(Int64((value * 1000).rounded())) }

    // MARK: - Summary

    /// How many boots the summary shows.
    private static let bootsShown = 5

    /// The summary.
    static func lines(_ summary: HistorySummary, _ contents: HistoryReader.Contents, path: String) -> [String] {
        guard let node = summary.node, let network = summary.network else {
            return ["\(path): nothing is recorded for that time"]
        }
        var lines = [
            "node        \(node) of network \(network), \(path)",
            "recorded    \(time(summary.from)) to \(time(summary.to))",
            "up          \(share(summary))\(span(summary.up)), \(count(summary.boots, "boot")), \(summary.cutOff) of them cut off",
            "links       \(summary.lost) lost, \(summary.back) of them re-established; \(summary.closed) closed by a node",
            "formations  \(formations(summary))",
        ]
        if summary.jumps > 0 { lines.append("clock       jumped \(count(summary.jumps, "time"))") }
        lines = lines.flatMap { FoldedText.lines($0, indent: 12) }
        if !summary.partners.isEmpty {
            lines += ["", row(partnerColumns) { $0.title }]
            for partner in summary.partners { lines += partnerLines(partner) }
        }
        let boots = contents.boots.suffix(bootsShown)
        lines += [""] + HistoryText.lines(.boots, HistoryReader.Contents(boots: Array(boots)))
        return lines
    }

    private static func share(_ summary: HistorySummary) -> String {
        // Cut off, not rounded: a node that was down for a while was not up for 100 %.
        summary.upShare.map { DecimalText.fixed(Double(Int($0 * 10_000)) / 100, 2) + " %: " } ?? ""
    }

    private static func formations(_ summary: HistorySummary) -> String {
        guard let times = summary.formationSeconds else { return "\(summary.formed) of \(summary.formations)" }
        return
            "\(summary.formed) of \(summary.formations), median \(seconds(times.median)), longest \(seconds(times.max))"
    }

    private static func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }

    private struct Column {
        var title: String
        var width: Int
    }

    private static let partnerColumns = [
        Column(title: "partner", width: 7), Column(title: "lost", width: 5), Column(title: "back", width: 5),
        Column(title: "after", width: 11), Column(title: "closed", width: 6), Column(title: "lost because", width: 0),
    ]

    private static func partnerLines(_ partner: HistorySummary.Partner) -> [String] {
        let cells = [
            String(partner.node), String(partner.lost), String(partner.back),
            partner.backAfter.map { seconds($0.median) } ?? "-", String(partner.closed),
            partner.reasons.map { "\($0.name) \($0.count)" }.joined(separator: ", "),
        ]
        let line = zip(partnerColumns, cells).map { DecimalText.left($1, $0.width) }.joined(separator: " ")
        return FoldedText.lines(line, indent: 39).map(trimmed)
    }

    private static func row(_ columns: [Column], _ text: (Column) -> String) -> String {
        columns.map { DecimalText.left(text($0), $0.width) }.joined(separator: " ")
    }

    // MARK: - Rows

    /// One line for each row, below titles.
    static func lines(_ part: HistoryPart, _ contents: HistoryReader.Contents) -> [String] {
        let (titles, rows) = table(part, contents)
        guard !rows.isEmpty else { return ["no \(part.rawValue) are recorded for that time"] }
        var lines = table(titles, rows)
        guard part != .days else { return lines }
        if rows.contains(where: { $0[0].hasSuffix("~") }) {
            lines.append("~ set right: the clock jumped later in the same boot")
        }
        for jump in contents.jumps {
            lines.append("\(time(jump.time.at))  the clock jumped by \(span(jump.by)), boot \(jump.boot)")
        }
        return lines
    }

    private static func table(_ part: HistoryPart, _ contents: HistoryReader.Contents) -> ([String], [[String]]) {
        switch part {
        case .losses:
            (
                ["lost at (UTC)", "partner", "age", "then", "reason"],
                contents.losses.map { [at($0.time), "\($0.partner)", span($0.age), outcome($0), $0.reason] }
            )
        case .formations:
            (
                ["alone at (UTC)", "since", "took", "nodes", "ended"],
                contents.formations.map {
                    [
                        at($0.time), $0.cause, span($0.duration),
                        nodes($0), $0.outcome,
                    ]
                }
            )
        case .boots:
            (
                ["booted at (UTC)", "up", "ended", "booted for", "version"],
                contents.boots.map { [at($0.began), span($0.up), $0.end.rawValue, bootReason($0.reason), $0.version] }
            )
        case .clusters:
            (
                ["changed at (UTC)", "cluster", "nodes"],
                contents.clusters.map { [at($0.time), "\($0.cluster)", "\($0.size)"] }
            )
        case .days:
            (
                ["day (UTC)", "up", "links made", "lost", "back", "closed", "formations"],
                contents.days.map {
                    [
                        day($0.day), span($0.up), "\($0.links)", "\($0.losses)", "\($0.reestablished)", "\($0.closed)",
                        "\($0.formations)",
                    ]
                }
            )
        }
    }

    private static func at(_ time: RecordedTime) -> String { self.time(time.at) + (time.correction == 0 ? "" : "~") }

    private static func outcome(_ row: LossRow) -> String {
        guard !row.isWanted else { return "closed" }
        guard row.outcome != nil, let after = row.after else { return "unknown" }
        guard !row.isBack else { return "back after \(span(after))" }
        return after > 0 ? "removed after \(span(after))" : "removed"
    }

    private static func nodes(_ row: FormationRow) -> String {
        row.expected.map { "\(row.size) of \($0)" } ?? "\(row.size)"
    }

    private static func bootReason(_ reason: Int) -> String {
        switch reason {
        case 0: "start"
        case 7: "local reset"
        case 8: "remote reset"
        default: "reset (\(reason))"
        }
    }

    private static func table(_ titles: [String], _ rows: [[String]]) -> [String] {
        let widths = titles.indices.map { column in
            max(titles[column].count, rows.map { $0[column].count }.max() ?? 0)
        }
        return ([titles] + rows).flatMap { cells in
            let line = trimmed(zip(cells, widths).map { DecimalText.left($0, $1) }.joined(separator: "  "))
            return FoldedText.lines(line, indent: 22).map(trimmed)
        }
    }

    private static func trimmed(_ line: String) -> String {
        var line = line[...]
        while line.last == " " { line.removeLast() }
        return String(line)
    }
}
