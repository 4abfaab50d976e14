import MeshControl
import MeshSimulator
import MeshWire
import RadioPort

/// A run as JSON lines: an `event` for each thing that happens, and the `result` last.
struct JSONRunView: RunView {
    let report: RunReport

    mutating func begin(_ run: ScenarioRun) {}

    mutating func happened(_ entries: [RunLog.Entry], in run: ScenarioRun) {
        Console.progress("", besideJSON: true)
        for entry in entries {
            var object = JSONObject(kind: "event")
            object.append("at_s", .seconds(entry.at.microseconds))
            object.append("text", text: entry.text)
            let sites = run.simulation.placement.sites
            object.append("nodes", .list(entry.nodes.map { .unsigned(UInt64(sites[$0].id.rawValue)) }))
            Console.line(object.line)
        }
    }

    mutating func secondPassed(in run: ScenarioRun) {}

    mutating func framePassed(in run: ScenarioRun) {
        let end = DecimalText.seconds(run.end.microseconds)
        Console.progress("\(DecimalText.fixed(run.now.seconds, 1)) s of \(end) s", besideJSON: true)
    }

    mutating func end(_ run: ScenarioRun, _ ending: RunEnding) {
        Console.progress("", besideJSON: true)
        for problem in report.problems(run) { Console.note(problem) }
        Console.line(report.statistics(run).line)
        Console.line(report.json(run, ending).line)
    }
}
