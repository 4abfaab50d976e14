package import MeshWire

/// What happened at a node, for those who subscribed to it.
package struct ControlEvent {
    /// What subscribers are told.
    package var object: JSONObject
    /// The nodes that it has to do with, besides the one where it happened.
    package var nodes: [NodeID]

    /// Something that happened.
    package init(_ object: JSONObject, about nodes: [NodeID] = []) {
        self.object = object
        self.nodes = nodes
    }
}
