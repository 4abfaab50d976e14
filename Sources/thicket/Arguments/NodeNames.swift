import ArgumentParser
import MeshControl
import MeshWire

extension MeshTopology {
    /// The node that people call by an id or a name.
    ///
    /// - Throws: `ValidationError` that tells the closest one if there is none.
    func node(called text: String) throws -> Node {
        if let node = nodes.first(where: { "\($0.id)" == text || $0.name == text }) { return node }
        let closest = Similar.word(
            to: text,
            among: nodes.flatMap { ["\($0.id)"] + ($0.name.map { [$0] } ?? []) }
        )
        throw ValidationError(
            "there is no node '\(text)' in the mesh\(closest.map { "; the closest is '\($0)'" } ?? "")"
        )
    }
}
