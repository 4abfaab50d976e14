import MeshConfiguration
import MeshControl

/// Times of sweeps as a picture: against the number of nodes if there are several, and how they are spread.
struct SweepPlot {
    /// Files that can be told apart.
    static let seriesMax = 6

    /// The runs of a file with one number of nodes.
    struct Group {
        var nodes: Int
        /// Seconds to the goal, in order.
        var times: [Double]
        /// Runs, those that did not reach the goal with them.
        var runs: Int
    }

    /// A file.
    struct Series {
        var name: String
        var groups: [Group]
    }

    let series: [Series]
    let title: String
    /// What the times are.
    let measure: String

    /// A plot of files.
    ///
    /// - Throws: ``ConfigurationError`` if they are not about the same thing.
    init(_ files: [SweepFile], title: String?) throws {
        let event = files[0].rows[0].event
        for file in files {
            for row in file.rows where row.event != event {
                throw ConfigurationError(
                    file: file.path,
                    problem: "seed \(row.seed) is about \(row.event ?? "formation"), "
                        + "the first run about \(event ?? "formation")"
                )
            }
        }
        series = files.map { file in
            let groups = Dictionary(grouping: file.rows, by: \.nodes).map { nodes, rows in
                let times = rows.compactMap { $0.reachedMicroseconds.map { Double($0) / 1e6 } }.sorted()
                return Group(nodes: nodes, times: times, runs: rows.count)
            }
            return Series(name: file.path, groups: groups.sorted { $0.nodes < $1.nodes })
        }
        measure = event.map { "recovery from \($0)" } ?? "formation"
        self.title = title ?? "Time of \(measure)"
    }

    private var timeMax: Double { series.flatMap(\.groups).flatMap(\.times).max() ?? 1 }
    private var nodesMax: Int { series.flatMap(\.groups).map(\.nodes).max() ?? 1 }
    private var hasSizes: Bool { Set(series.flatMap(\.groups).map(\.nodes)).count > 1 }

    // MARK: - Drawing

    private static let panel = (width: 430.0, height: 300.0)
    private static let margin = 60.0
    private static let lineHeight = 18.0

    /// The picture.
    var svg: String {
        let panels = hasSizes ? 2.0 : 1.0
        let width = panels * (Self.panel.width + Self.margin) + 40
        let legend = series.flatMap { file in file.groups.map { (file, $0) } }
        let height = Self.panel.height + 2 * Self.margin + Double(legend.count) * Self.lineHeight + 20
        var picture = SVG(width: width, height: height)
        picture.text(title, x: width / 2, y: 28, size: 16, anchor: .middle)
        var left = Self.margin
        if hasSizes {
            drawSizes(into: &picture, left: left)
            left += Self.panel.width + Self.margin
        }
        drawSpread(into: &picture, left: left)
        var y = Self.panel.height + 2 * Self.margin + 10
        for (index, file) in series.enumerated() {
            for (position, group) in file.groups.enumerated() {
                let style = Style(series: index, group: position)
                picture.line([(Self.margin, y - 4), (Self.margin + 36, y - 4)], style)
                let median = Distribution(group.times).map { DecimalText.fixed($0.median, 2) } ?? "-"
                picture.text(
                    "\(file.name): \(group.nodes) nodes, \(group.times.count) of \(group.runs) runs, median \(median) s",
                    x: Self.margin + 44,
                    y: y,
                    size: 12
                )
                y += Self.lineHeight
            }
        }
        return picture.text
    }

    /// The axes of a panel, up to the greatest numbers in it.
    private func axes(_ left: Double, x: Double, y: Double) -> Axes {
        Axes(
            left: left,
            top: Self.margin,
            width: Self.panel.width,
            height: Self.panel.height,
            x: Scale(to: x),
            y: Scale(to: y)
        )
    }

    /// Median over a band from the 10th to the 90th percentile, against the number of nodes.
    private func drawSizes(into picture: inout SVG, left: Double) {
        let axes = axes(left, x: Double(nodesMax), y: timeMax)
        axes.draw(into: &picture, x: "nodes", y: "seconds: median, 10 % to 90 %")
        for (index, file) in series.enumerated() {
            let groups = file.groups.filter { !$0.times.isEmpty }
            func points(_ percent: Double) -> [(Double, Double)] {
                groups.map { axes.place(Double($0.nodes), Distribution.percentile(percent, of: $0.times)) }
            }
            let style = Style(series: index, group: 0)
            picture.area(points(10) + points(90).reversed(), style)
            picture.line(points(50), style)
            for point in points(50) { picture.dot(point, style) }
        }
    }

    /// The share of runs that reached the goal within a time.
    private func drawSpread(into picture: inout SVG, left: Double) {
        let axes = axes(left, x: timeMax, y: 100)
        axes.draw(into: &picture, x: "seconds", y: "% of the runs within")
        for (index, file) in series.enumerated() {
            for (position, group) in file.groups.enumerated() {
                var points = [axes.place(0, 0)]
                var share = 0.0
                for (count, time) in group.times.enumerated() {
                    points.append(axes.place(time, share))
                    share = 100 * Double(count + 1) / Double(group.runs)
                    points.append(axes.place(time, share))
                }
                points.append(axes.place(axes.x.end, share))
                picture.line(points, Style(series: index, group: position))
            }
        }
    }
}
