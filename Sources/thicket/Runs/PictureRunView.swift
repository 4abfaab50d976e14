import MeshConfiguration
import MeshSimulator
import RadioPort

/// A run as a picture that is redrawn where it stands.
struct PictureRunView: RunView {
    let report: RunReport
    private let unicode: Bool
    private var terminal: TerminalTraits
    private var screen = Screen()
    private var latest: [RunLog.Entry] = []

    private static let latestMax = 6

    init(report: RunReport, terminal: TerminalTraits) {
        self.report = report
        self.terminal = terminal
        unicode = terminal.hasUnicode
    }

    mutating func begin(_ run: ScenarioRun) {
        Console.line(run.scenario.question)
    }

    mutating func happened(_ entries: [RunLog.Entry], in run: ScenarioRun) {
        latest = (latest + entries).suffix(Self.latestMax)
    }

    mutating func secondPassed(in run: ScenarioRun) {}

    mutating func framePassed(in run: ScenarioRun) {
        // The window may have changed its size.
        terminal = TerminalTraits.current() ?? terminal
        draw(run)
    }

    mutating func end(_ run: ScenarioRun, _ ending: RunEnding) {
        draw(run)
        for line in report.lines(run, ending, unicode: unicode) { Console.line(line) }
    }

    private mutating func draw(_ run: ScenarioRun) {
        let simulation = run.simulation
        let moment = Moment(
            title: report.title(run),
            atMicroseconds: run.now.microseconds,
            durationMicroseconds: run.end.microseconds,
            nodes: simulation.count,
            poweredNodes: simulation.memberCount,
            links: simulation.tree.edges.count,
            clusters: simulation.clusters.map { Moment.Cluster(id: $0.id, size: $0.nodes.count) },
            occurrences: latest.map { Moment.Occurrence(atMicroseconds: $0.at.microseconds, text: $0.text) }
        )
        Console.text(screen.update(ClusterPicture(terminal: terminal).lines(moment), for: terminal))
    }
}
