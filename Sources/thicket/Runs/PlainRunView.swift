import MeshSimulator
import RadioPort

/// A run as lines of text: for pipes, files and terminals that cannot redraw.
struct PlainRunView: RunView {
    let report: RunReport
    private var census = ""

    init(report: RunReport) {
        self.report = report
    }

    mutating func begin(_ run: ScenarioRun) {
        for line in report.heading(run) { Console.line(line) }
    }

    mutating func happened(_ entries: [RunLog.Entry], in run: ScenarioRun) {
        for entry in entries { Console.line(entry.line) }
    }

    /// Clusters are counted once a simulated second, and told if they have changed.
    mutating func secondPassed(in run: ScenarioRun) {
        let sizes = run.simulation.clusterSizes
        let noun = sizes.count == 1 ? "cluster" : "clusters"
        let text = "\(sizes.count) \(noun), largest \(sizes.first ?? 0) of \(run.simulation.memberCount)"
        guard text != census else { return }
        census = text
        Console.line(RunLog.Entry(at: run.now, nodes: [], text: text).line)
    }

    mutating func framePassed(in run: ScenarioRun) {}

    mutating func end(_ run: ScenarioRun, _ ending: RunEnding) {
        for line in report.lines(run, ending, unicode: TerminalTraits.hasUnicodeLocale) { Console.line(line) }
    }
}
