import ByteCoding
import MeshControl
import MeshWire

// What several commands ask the mesh.
extension MeshDialogue {
    /// How long a single node is given to answer a question, before it is asked once more.
    private static let patience: Duration = .seconds(3)
    /// How often a node is asked.
    private static let tries = 2

    /// The daemon's own node.
    mutating func ownNode() throws -> NodeID {
        guard let node = UInt16(try ask("status").text("node")) else {
            throw ControlError("the daemon does not tell its node; update it")
        }
        return NodeID(node)
    }

    /// How many nodes the daemon's node counts in its cluster.
    mutating func clusterSize() throws -> Int { max(1, Int(try ask("status").text("cluster_size")) ?? 1) }

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
        // Several of these answers do not repeat the handle of the request (protocol §10.2.6).
        _ = try ask(node, [question], allowingHandle: 0) { message in
            found = answer(message.content)
            return found != nil
        }
        guard let found else { throw ControlError(try explainSilence(of: node)) }
        return found
    }

    /// Asks a node and hands over its answers until they are complete.
    ///
    /// - Parameters:
    ///   - node: who is asked.
    ///   - questions: the questions, in order.
    ///   - otherHandle: answers with this handle count as well as those with that of the question.
    ///   - isComplete: takes an answer and tells whether it was the last.
    /// - Returns: whether they are.
    /// - Throws: ``ControlError`` if the daemon is gone.
    mutating func ask(
        _ node: NodeID,
        _ questions: [ModuleContent],
        allowingHandle otherHandle: UInt8? = nil,
        isComplete: (ModuleMessage) -> Bool
    ) throws -> Bool {
        for _ in 0..<Self.tries where !Interrupt.isRequested {
            let handle = handles.next()
            for question in questions {
                try send(ModuleMessage(sender: NodeID(0), receiver: node, requestHandle: handle, content: question))
            }
            let deadline = ContinuousClock.now + Self.patience
            while let delivery = try next(before: deadline) {
                guard let answer = try? ModuleMessage(bytes: delivery.message),
                    answer.requestHandle == handle || answer.requestHandle == otherHandle,
                    answer.sender == node || node == .shortestSink
                else { continue }
                if isComplete(answer) { return true }
            }
        }
        return false
    }

    /// The mesh links of a node; nil if it does not answer.
    ///
    /// Nothing marks the last report of a link, but messages do not overtake each other: a ping goes behind the question.
    mutating func links(of node: NodeID) throws -> [LinkEnd]? {
        var reports: [UInt32: ConnectionVerbose] = [:]
        let questions: [ModuleContent] = [
            .statusReporter(.getConnectionsVerbose(index: .max)), .node(.ping),
        ]
        let isAnswered = try ask(node, questions) { answer in
            if case .statusReporter(.connectionVerbose(let report)) = answer.content {
                reports[report.connectionIndex] = report
            }
            return answer.content == .node(.pingResponse)
        }
        guard isAnswered else { return nil }
        return reports.sorted { $0.key < $1.key }.compactMap { LinkEnd($0.value) }
    }

    /// Looks for the path between two nodes.
    mutating func path(from source: NodeID, to target: NodeID) throws -> PathSearch {
        var search = PathSearch(from: source, to: target)
        while !Interrupt.isRequested, let node = search.nextQuestion() {
            if let links = try links(of: node) {
                search.take(links, of: node)
            } else if node == target {
                // There is no use in asking all others for somebody who is not there.
                break
            }
        }
        return search
    }

    /// The paths to all nodes of a cluster, as far as they tell their links: all are asked at once and answer to all.
    mutating func paths(from source: NodeID, size: Int) throws -> PathSearch {
        var search = PathSearch(from: source, to: source)
        try collect(
            ModuleMessage(sender: NodeID(0), receiver: .broadcast, content: .statusReporter(.getConnections)),
            for: Self.patience
        ) { message in
            guard let answer = try? ModuleMessage(bytes: message),
                case .statusReporter(.connections(let connections)) = answer.content
            else { return false }
            let ends = connections.entries.enumerated().filter { $0.element.partner.rawValue > 0 }.map {
                LinkEnd(partner: $0.element.partner, rssi: $0.element.rssi, isIncoming: $0.offset == 0)
            }
            search.take(ends, of: answer.sender)
            return search.reports.count >= size || Interrupt.isRequested
        }
        return search
    }

    /// The node that a receiver stands for: itself, or the nearest sink; nil if no sink answers.
    mutating func node(of target: MeshTarget) throws -> NodeID? {
        guard target.isSink else { return target.id }
        var sink: NodeID?
        _ = try ask(.shortestSink, [.node(.ping)]) { answer in
            guard answer.content == .node(.pingResponse) else { return false }
            sink = answer.sender
            return true
        }
        return sink
    }

    /// Why a node may not have answered: whether it is there at all, and which one may be meant instead.
    mutating func explainSilence(of node: NodeID) throws -> String {
        try explainAbsence(of: node) ?? "node \(node) is in the cluster, but its answers came late or not"
    }

    /// Which node may be meant instead of one that is not there; nil if it is there.
    mutating func explainAbsence(of node: NodeID) throws -> String? {
        var present: Set<NodeID> = []
        let size = try clusterSize()
        let handle = handles.next()
        try collect(
            ModuleMessage(sender: NodeID(0), receiver: .broadcast, requestHandle: handle, content: .node(.ping)),
            for: Self.patience
        ) { message in
            guard let answer = try? ModuleMessage(bytes: message), answer.requestHandle == handle,
                answer.content == .node(.pingResponse)
            else { return false }
            present.insert(answer.sender)
            return present.count >= size || Interrupt.isRequested
        }
        guard !present.contains(node) else { return nil }
        let others = present.map { Int($0.rawValue) }
        guard let closest = Similar.number(to: Int(node.rawValue), among: others) else { return "no node answers" }
        return "node \(node) is not in the cluster of \(present.count); did you mean \(closest)?"
    }
}
