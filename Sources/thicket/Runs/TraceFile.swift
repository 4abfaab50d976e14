import MeshControl
import MeshCore
import MeshSimulator
import MeshWire
import RadioPort

/// What every node thinks, as JSON lines in a file.
///
/// ```json
/// {"schema":1,"kind":"trace","at_s":4.2,"node":7,"event":"connectRefused","fields":{"node":3,"why":"noFreeSlot"}}
/// ```
///
/// Where several networks share the air, `network` tells which `node` is meant.
struct TraceFile: ~Copyable {
    private let file: RunOutput
    private let filter: TraceFilter
    private var links = TracedLinks()

    /// Creates the file, or empties it.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - filter: what of it is wanted.
    /// - Throws: a usage error if that is not possible.
    init(path: String, filter: TraceFilter = TraceFilter()) throws {
        file = try RunOutput(path: path, option: "--trace")
        self.filter = filter
    }

    /// Writes what the nodes of a run thought.
    ///
    /// - Throws: ``InternalError`` if it cannot be written.
    mutating func write(_ traces: Simulation.Traces, of run: ScenarioRun) throws {
        let hasOneNetwork = run.hasOneNetwork
        for trace in traces {
            let site = run.simulation.placement.sites[trace.node]
            let (name, fields) = trace.event.nameAndFields
            let partner = links.partner(in: trace.event, at: trace.node, of: run.simulation)
            guard filter.passes(trace.event, named: name, of: site.id, partner: partner) else { continue }
            var object = JSONObject(kind: "trace")
            object.append("at_s", .seconds(trace.at.microseconds))
            object.append("node", integer: site.id.rawValue)
            if !hasOneNetwork { object.append("network", integer: site.network.rawValue) }
            object.append("event", text: name)
            object.append("fields", .object(fields))
            try file.write(object.line + "\n")
        }
    }

    /// Makes sure that everything is in the file.
    ///
    /// - Throws: ``InternalError`` if it is not.
    func flush() throws { try file.flush() }
}
