public import MeshCore
public import RadioPort

/// What a node was told, and what came of it.
public struct NodeInput: Sendable {
    /// Index of the node.
    public var node: Int
    /// When.
    public var at: Instant
    /// What it was told.
    public var input: Input
    /// What it answered, in order.
    public var outputs: [Output]
}

extension Simulation {
    /// The seed of the node at an index.
    public func seed(of index: Int) -> UInt64 { Self.seed(of: index, in: seed) }

    /// Takes the inputs of recorded nodes that were collected so far, oldest first.
    public mutating func takeInputs() -> ContiguousArray<NodeInput> {
        let taken = inputs
        inputs.removeAll(keepingCapacity: true)
        return taken
    }
}
