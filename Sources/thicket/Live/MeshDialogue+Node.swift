import ArgumentParser
import ByteCoding
import MeshControl
import MeshWire

// What is asked of one node.
extension MeshDialogue {
    /// How long a node has to answer; it is asked once more at half time.
    private static let patience: Duration = .seconds(6)
    /// How long nodes have to tell that they are there.
    private static let roll: Duration = .seconds(3)

    /// Asks a node something.
    ///
    /// - Parameters:
    ///   - question: the question.
    ///   - node: who is asked.
    ///   - answer: what is wanted of an answer, nil if it is the answer to something else.
    /// - Returns: the answer.
    /// - Throws: ``ControlError`` if it does not answer; if it is not there, with the node that may be meant.
    mutating func ask<Answer>(
        _ question: ModuleContent,
        of node: NodeID,
        _ answer: (ModuleContent) -> Answer?
    ) throws -> Answer {
        var found: Answer?
        try collect(ModuleMessage(sender: NodeID(0), receiver: node, content: question), for: Self.patience) { bytes in
            guard let message = try? ModuleMessage(bytes: bytes), message.sender == node else { return false }
            found = answer(message.content)
            return found != nil
        }
        guard let found else { throw ControlError(try silence(of: node)) }
        return found
    }

    /// Why a node may not answer.
    private mutating func silence(of node: NodeID) throws -> String {
        let ping = ModuleMessage(sender: NodeID(0), receiver: .broadcast, content: .node(.ping))
        var present: Set<NodeID> = []
        try collect(ping, for: Self.roll) { bytes in
            if let answer = try? ModuleMessage(bytes: bytes), answer.content == .node(.pingResponse) {
                present.insert(answer.sender)
            }
            return false
        }
        guard !present.contains(node) else { return "node \(node) is there, but does not answer that" }
        let names = present.sorted().map { "\($0)" }
        guard let closest = SimilarWord.closest(to: "\(node)", among: names) else {
            return "node \(node) does not answer, nor does any other"
        }
        return "node \(node) does not answer; of the \(names.count) nodes that do, is \(closest) meant?"
    }
}

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
