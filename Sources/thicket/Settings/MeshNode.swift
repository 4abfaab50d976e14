import ArgumentParser
import MeshWire

/// One node of the mesh, as people name it.
struct MeshNode: Equatable {
    /// The ids of nodes.
    static let ids: ClosedRange<UInt16> = 1...1999

    /// The node.
    let id: NodeID

    init?(argument: String) {
        guard let number = UInt16(argument), Self.ids.contains(number) else { return nil }
        id = NodeID(number)
    }

    /// A reader for arguments.
    static func read(_ text: String) throws -> MeshNode {
        guard let node = MeshNode(argument: text) else {
            throw ValidationError("'\(text)' is no node; write a number, 1...1999")
        }
        return node
    }
}
