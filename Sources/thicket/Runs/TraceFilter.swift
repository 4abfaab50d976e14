import ArgumentParser
import MeshControl
import MeshCore
import MeshWire

/// Which trace values are wanted; an empty set means all.
struct TraceFilter {
    /// Two nodes, whichever of them thinks of the other.
    struct Link: Hashable {
        var one: UInt16
        var other: UInt16

        init(_ one: UInt16, _ other: UInt16) {
            self.one = min(one, other)
            self.other = max(one, other)
        }
    }

    var nodes: Set<UInt16> = []
    var links: Set<Link> = []
    var kinds: Set<String> = []

    /// Whether an event of a node is wanted.
    ///
    /// - Parameters:
    ///   - event: what it thought.
    ///   - name: how that is called.
    ///   - node: the node.
    ///   - partner: who is at the other end of the link that the event names; nil: it names none.
    /// - Returns: whether it passes.
    func passes(_ event: TraceEvent, named name: String, of node: NodeID, partner: NodeID? = nil) -> Bool {
        guard nodes.isEmpty || nodes.contains(node.rawValue), kinds.isEmpty || kinds.contains(name) else {
            return false
        }
        guard !links.isEmpty else { return true }
        let others = event.nodes + [partner].compactMap(\.self)
        return others.contains { links.contains(Link(node.rawValue, $0.rawValue)) }
    }

    // MARK: - Options

    static func nodes(_ text: String) throws -> Set<UInt16> { Set(try parts(text).map(node)) }

    static func kinds(_ text: String) throws -> Set<String> {
        let names = try parts(text)
        for name in names {
            if let problem = TraceEvent.problem(withName: name) { throw ValidationError(problem) }
        }
        return Set(names)
    }

    static func links(_ text: String) throws -> Set<Link> {
        Set(
            try parts(text).map { part in
                let ends = part.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
                guard ends.count == 2 else { throw ValidationError("'\(part)' is no link; write 3-7") }
                return Link(try node(ends[0]), try node(ends[1]))
            }
        )
    }

    private static func parts(_ text: String) throws -> [String] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("'\(text)' is no list; write its parts with commas in between")
        }
        return parts
    }

    private static func node(_ text: String) throws -> UInt16 {
        guard let node = UInt16(text), NodeID(node).kind == .device else {
            throw ValidationError("'\(text)' is no node, 1...1999")
        }
        return node
    }
}
