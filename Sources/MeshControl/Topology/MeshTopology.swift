package import MeshWire

/// The nodes and links of a mesh, as a survey told them.
package struct MeshTopology: Equatable, Sendable {
    /// A node.
    package struct Node: Equatable, Sendable {
        /// Its id.
        package var id: NodeID
        /// How people call it, nil if nobody said.
        package var name: String?
        /// `own`, `known`, `silent`, `pending` or `gone`.
        package var state: String
        /// Hops from the node that asked, nil if no link leads to it.
        package var hops: Int?
        /// What it is for, nil if it has not said so.
        package var type: String?
    }

    /// A link.
    package struct Edge: Equatable, Sendable {
        /// The end with the lower id.
        package var first: NodeID
        /// The end with the higher id.
        package var second: NodeID
        /// The weaker of the signal strengths at both ends in dBm, nil if unknown.
        package var rssi: Int?
    }

    /// That a node hears another.
    package struct Hearing: Equatable, Sendable {
        /// The node.
        package var listener: NodeID
        /// Whom it hears.
        package var speaker: NodeID
        /// How well, in dBm.
        package var rssi: Int
    }

    /// By id.
    package var nodes: [Node] = []
    /// By first end, then second.
    package var edges: [Edge] = []
    /// By listener, then speaker.
    package var hearings: [Hearing] = []

    /// Nothing yet.
    package init() {}

    /// Takes an object of the answer to a survey, of whatever kind.
    package mutating func take(_ answer: ControlAnswer) {
        func id(_ key: String) -> NodeID? { UInt16(answer.text(key)).map { NodeID($0) } }
        switch answer.kind {
        case "node":
            guard let node = id("node") else { return }
            nodes.append(
                Node(
                    id: node,
                    name: answer.known("name"),
                    state: answer.text("state"),
                    hops: Int(answer.text("hops")),
                    type: answer.known("type")
                )
            )
        case "edge":
            guard let first = id("first"), let second = id("second") else { return }
            let ends = ["rssi_at_first_dbm", "rssi_at_second_dbm"].compactMap { Int(answer.text($0)) }
            edges.append(Edge(first: first, second: second, rssi: ends.min()))
        case "heard":
            guard let listener = id("node") else { return }
            for (speaker, rssi) in zip(answer.texts("nodes"), answer.texts("rssi_dbm")) {
                guard let speaker = UInt16(speaker), let rssi = Int(rssi) else { continue }
                hearings.append(Hearing(listener: listener, speaker: NodeID(speaker), rssi: rssi))
            }
        default: return
        }
    }

    /// Nodes that links lead to; the others are in no picture of the mesh.
    package var linked: [Node] { nodes.filter { $0.hops != nil } }
}

extension ControlAnswer {
    /// A value as text, nil if it is null or not there.
    fileprivate func known(_ key: String) -> String? {
        let text = text(key, otherwise: "")
        return text.isEmpty ? nil : text
    }
}
