import ByteCoding
package import MeshCore
package import MeshWire
package import RadioPort

/// What a node knows of the nodes and links of its mesh, and what it asks to know more.
///
/// Questions go breadth first: to the partners of this node, then to the partners that those tell of, and so on. In a deep tree
/// that alone would be a matter of waiting for one far answer after the other, so that what may be sent meanwhile goes to ids
/// that are probably those of nodes.
///
/// ```
///  own links ──► connections of the partners ──► of their partners ──► ... ──► nobody left to ask
///                                                                               │ fewer nodes than the cluster has:
///                                                                               ▼
///            ids below the highest known one, while answers are waited for; then ALL connections of the nodes
/// ```
///
/// The last line is needed because ALL_CONNECTIONS names one incoming link, and a node may have three. It is gone through
/// ``triesMax`` times: nobody says of how many messages the answer about all connections consists, so that a lost one is only
/// noticed by nodes that are still missing.
///
/// Messages that come unasked count as well: reports that others asked for, periodic ones, live reports of lost links. Bounds:
/// ``nodesMax`` nodes, ``heardNodesMax`` neighbours of each, ``openMax`` open questions, ``SurveyPace`` for what goes out.
/// Nothing goes out unless ``want(_:at:)`` was called.
package struct MeshSurvey: Sendable {
    /// Nodes that are kept: all there can be in a network (protocol §13.1).
    package static let nodesMax = 1999
    /// Neighbours that are kept of each node; the one told longest ago makes room.
    package static let heardNodesMax = 20
    /// Questions without an answer at a time.
    package static let openMax = 64
    /// Times that a question is put before the node counts as silent.
    package static let triesMax: UInt8 = 3
    /// Time after which a node that no link leads to any more is forgotten, in microseconds.
    package static let forgetAfter: UInt64 = 3_600_000_000
    /// How long gathering goes on for a request, in microseconds.
    static let wantedFor: UInt64 = 1_200_000_000
    /// Answers that are not asked again within this time, in microseconds: whom a node hears, and all of its connections.
    static let slowAge: UInt64 = 300_000_000
    /// Age of answers that is good enough if nobody says otherwise, in microseconds.
    static let usualAge: UInt64 = 60_000_000
    /// Ids are guessed if at least one of so many should be a node.
    private static let guessesForOne = 8

    /// What is gathered, and how new it must be.
    private struct Want {
        var hearing: Bool
        var devices: Bool
        /// Answers from before are too old.
        var since: Instant
        /// The same for what changes slowly and costs more.
        var slowSince: Instant
        /// When it is given up.
        var until: Instant
    }

    /// How far a search for nodes that no known link leads to has come.
    private struct Search {
        /// When it began.
        let since: Instant
        /// When the round began.
        var roundSince: Instant
        var round: UInt8 = 1
        /// Ids below have been guessed in this round.
        var guessed: UInt16 = 1

        init(at now: Instant) {
            (since, roundSince) = (now, now)
        }

        mutating func beginRound(at now: Instant) {
            round += 1
            guessed = 1
            roundSince = now
        }
    }

    /// What there is to do.
    package enum Step: Equatable, Sendable {
        /// Send this now.
        case ask(ModuleMessage)
        /// Nothing before this instant, unless something is heard.
        case wait(until: Instant)
        /// Everything wanted is known, or cannot be had.
        case done
    }

    /// In the order in which they were found; the first is the own one.
    package private(set) var nodes: ContiguousArray<SurveyedNode>
    private var positions: [NodeID: Int] = [:]
    /// Nodes in the cluster, as this node counts.
    package private(set) var expected = 1
    /// Packets that questions and their answers took since the beginning, as counted by ``SurveyPace``.
    package private(set) var packets: UInt64 = 0
    private var want: Want?
    /// Questions that are not answered yet, as far as is known; at most ``openMax``.
    private var underWay: [(node: NodeID, question: SurveyQuestion)] = []
    /// Questions for links to ids that may be those of nodes, and until when they may be answered; they count as open.
    private var guesses: [NodeID: Instant] = [:]
    private var pace = SurveyPace()
    /// The last search for nodes that no known link leads to.
    private var search: Search?

    /// A survey by a node that knows nothing yet.
    package init(by node: NodeID, at now: Instant) {
        nodes = [SurveyedNode(node, foundAt: now, hops: 0)]
        positions[node] = 0
    }

    /// The node that asks.
    package var own: NodeID { nodes[0].node }

    /// What is known of a node.
    package subscript(node: NodeID) -> SurveyedNode? { positions[node].map { nodes[$0] } }

    func position(of node: NodeID) -> Int? { positions[node] }

    // MARK: - Knowing

    /// Looks at the node itself.
    package mutating func observe(_ node: Node, at now: Instant) {
        observe(
            links: node.linkViews.filter { $0.isMeshEdge && $0.partner.kind == .device }.map {
                SurveyedLink(partner: $0.partner, rssi: $0.rssi, isOutgoing: $0.role == .central)
            },
            device: SurveyedNode.Device(
                type: node.identity.deviceType,
                serialNumber: SerialNumber(node.identity.serialNumberIndex),
                version: node.identity.hardware.version
            ),
            clusterSize: Int(node.clusterSize),
            at: now
        )
    }

    /// Takes what the node itself has and is.
    mutating func observe(
        links: [SurveyedLink],
        device: SurveyedNode.Device?,
        clusterSize: Int,
        at now: Instant
    ) {
        expected = max(1, clusterSize)
        nodes[0].heardAt = now
        nodes[0].device = device
        nodes[0].links = links
        nodes[0].answered(.connections, at: now)
        nodes[0].answered(.allConnections, at: now)
        for link in links { find(link.partner, hops: 1, at: now) }
    }

    /// Takes a message that was delivered to the node.
    ///
    /// - Returns: whether it told something that may change what is asked next.
    @discardableResult
    package mutating func take(_ message: MessageBytes, at now: Instant) -> Bool {
        guard let header = try? MessageHeader(bytes: message), header.sender.kind == .device else { return false }
        let isNew = positions[header.sender] == nil
        guard let position = find(header.sender, hops: probableDepth, at: now) else { return false }
        nodes[position].heardAt = now
        switch header.type {
        case .moduleActionResponse, .moduleGeneral: break
        default: return isNew
        }
        guard let message = try? ModuleMessage(bytes: message), case .statusReporter(let report) = message.content
        else {
            return isNew
        }
        return take(report, from: position, at: now) || isNew
    }

    private mutating func take(_ report: StatusReporterMessage, from position: Int, at now: Instant) -> Bool {
        switch report {
        case .connections(let report):
            // What the own node has is seen better by looking at it.
            if position > 0 { nodes[position].take(report, at: now) }
        case .connectionVerbose(let report):
            if position > 0 { nodes[position].take(report, at: now) }
        case .deviceInfo(let report):
            nodes[position].device = SurveyedNode.Device(
                type: report.deviceType,
                serialNumber: report.serialNumber,
                version: report.nodeVersion
            )
            nodes[position].answered(.device, at: now)
            return true
        case .nearbyNodes(let report):
            nodes[position].take(report, at: now)
            return true
        case .liveReport(let report) where [.meshConnected, .meshDisconnected].contains(report.type):
            nodes[position].isSuspect = true
            if let partner = positions[NodeID(UInt16(truncatingIfNeeded: report.extra))] {
                nodes[partner].isSuspect = true
            }
            return true
        default: return false
        }
        for link in nodes[position].links { find(link.partner, hops: nodes[position].hops + 1, at: now) }
        return true
    }

    /// The place of a node, a new one if it was not known; nil if the table is full.
    @discardableResult
    private mutating func find(_ node: NodeID, hops: Int, at now: Instant) -> Int? {
        if let position = positions[node] { return position }
        guard nodes.count < Self.nodesMax else { return nil }
        positions[node] = nodes.count
        nodes.append(SurveyedNode(node, foundAt: now, hops: min(hops, probableDepth)))
        if let until = guesses.removeValue(forKey: node) {
            open(.connections, of: nodes.count - 1, until: until)
        }
        return nodes.count - 1
    }

    /// Hops to a node that no link is known to lead to: the depth of trees of so many nodes spread over an area.
    private var probableDepth: Int { min(expected, Int(3 * Double(expected).squareRoot())) }

    /// A question was put.
    private mutating func open(_ question: SurveyQuestion, of position: Int, until: Instant) {
        nodes[position][question].openUntil = until
        nodes[position][question].tries += 1
        underWay.append((nodes[position].node, question))
    }

    /// Forgets nodes that no link leads to and that were not heard for long.
    private mutating func forget(at now: Instant) {
        let tree = tree()
        let kept = nodes.indices.filter { index in
            let seenAt = nodes[index].heardAt ?? nodes[index].foundAt
            return tree.places[index] != nil || now.microseconds(since: seenAt) < Self.forgetAfter
        }
        guard kept.count < nodes.count else { return }
        nodes = ContiguousArray(kept.map { nodes[$0] })
        positions = [:]
        for (position, node) in nodes.enumerated() { positions[node.node] = position }
    }

    // MARK: - Asking

    /// From now on what is wanted is gathered, together with what was wanted before and is not there yet.
    package mutating func want(_ request: SurveyRequest, at now: Instant) {
        forget(at: now)
        let age = request.maxAge ?? max(Self.usualAge, 2 * roundMicroseconds(request))
        var new = Want(
            hearing: request.hearing,
            devices: request.devices,
            since: Self.instant(age, before: now),
            slowSince: Self.instant(max(age, Self.slowAge), before: now),
            until: now.advanced(byMicroseconds: max(Self.wantedFor, request.wait))
        )
        if let want, now < want.until {
            new.hearing = new.hearing || want.hearing
            new.devices = new.devices || want.devices
            new.since = max(new.since, want.since)
            new.slowSince = max(new.slowSince, want.slowSince)
        }
        want = new
    }

    private static func instant(_ microseconds: UInt64, before now: Instant) -> Instant {
        Instant(microseconds: now.microseconds - min(now.microseconds, microseconds))
    }

    /// How long it takes to ask all nodes once.
    package func roundMicroseconds(_ request: SurveyRequest) -> UInt64 {
        var packets = SurveyQuestion.connections.packets
        if request.hearing { packets += SurveyQuestion.neighbours.packets }
        if request.devices { packets += SurveyQuestion.device.packets }
        return UInt64(max(expected, nodes.count) * packets) * SurveyPace.packetMicroseconds
    }

    /// What there is to do now; a question counts as put.
    package mutating func step(at now: Instant) -> Step {
        guard let want, now < want.until else { return rest() }
        let open = closeOverdue(at: now)
        guard let next = choose(want, open, at: now) else {
            guard let until = open.until else { return rest() }
            return .wait(until: until)
        }
        guard open.count < Self.openMax else { return .wait(until: open.until ?? now) }
        guard pace.openAt <= now else { return .wait(until: min(pace.openAt, open.until ?? pace.openAt)) }
        return .ask(put(next, at: now))
    }

    private mutating func rest() -> Step {
        want = nil
        return .done
    }

    /// Questions that are open.
    private struct Open {
        var count = 0
        /// Of them, those about links, on whose answers others depend.
        var links = 0
        /// When the first of them is given up.
        var until: Instant?
    }

    /// Who is asked what.
    private enum Choice {
        case node(Int, SurveyQuestion)
        /// Perhaps there is a node with this id.
        case guess(NodeID)
    }

    /// Gives up questions that were not answered in time, and counts the others.
    private mutating func closeOverdue(at now: Instant) -> Open {
        var open = Open()
        underWay.removeAll { node, question in
            guard let position = positions[node], let until = nodes[position][question].openUntil else { return true }
            guard until <= now else {
                open.count += 1
                if question == .connections { open.links += 1 }
                open.until = min(open.until ?? until, until)
                return false
            }
            nodes[position].giveUp(question, at: now)
            return true
        }
        guesses = guesses.filter { $0.value > now }
        open.count += guesses.count
        open.links += guesses.count
        if let until = guesses.values.min() { open.until = min(open.until ?? until, until) }
        return open
    }

    private mutating func choose(_ want: Want, _ open: Open, at now: Instant) -> Choice? {
        for position in nodes.indices.dropFirst() where isDue(position, .connections, since: want.since) {
            return .node(position, .connections)
        }
        if let choice = chooseForMissing(want, open, at: now) { return choice }
        for position in nodes.indices {
            if want.devices, nodes[position].device == nil, isDue(position, .device, since: want.since) {
                return .node(position, .device)
            }
            if want.hearing, isDue(position, .neighbours, since: want.slowSince) {
                return .node(position, .neighbours)
            }
        }
        return nil
    }

    private func isDue(_ position: Int, _ question: SurveyQuestion, since: Instant) -> Bool {
        let inquiry = nodes[position][question]
        guard inquiry.openUntil == nil else { return false }
        if inquiry.tries > 0 || question == .connections && nodes[position].isSuspect { return true }
        return inquiry.doneAt.map { $0 < since } ?? true
    }

    /// Whom to ask because the cluster has more nodes than links lead to.
    private mutating func chooseForMissing(_ want: Want, _ open: Open, at now: Instant) -> Choice? {
        // Nodes that are asked because they may be there need not be asked once more.
        let missing = expected - presentCount(since: want.since) - guesses.count
        guard missing > 0 else { return nil }
        var search = search.flatMap { $0.since < want.slowSince ? nil : $0 } ?? Search(at: now)
        defer { self.search = search }
        while true {
            if let node = nextGuess(&search, missing: missing) { return .guess(node) }
            // Those asked last may tell of the missing ones yet.
            guard open.links == 0 else { return nil }
            let since = search.round > 1 ? search.roundSince : want.slowSince
            for position in nodes.indices.dropFirst()
            where nodes[position].links.contains(where: { !$0.isOutgoing })
                && isDue(position, .allConnections, since: since)
            {
                return .node(position, .allConnections)
            }
            guard open.count == 0, search.round < Self.triesMax else { return nil }
            search.beginRound(at: now)
        }
    }

    /// An id below the highest that may be that of a missing node, if it is likely enough.
    private func nextGuess(_ search: inout Search, missing: Int) -> NodeID? {
        let highest = max(nodes.lazy.map(\.node.rawValue).max() ?? 1, UInt16(clamping: expected))
        let last = min(highest, UInt16(Self.nodesMax))
        guard Int(last) - nodes.count <= Self.guessesForOne * missing else { return nil }
        while search.guessed <= last {
            let node = NodeID(search.guessed)
            if positions[node] == nil { return node }
            search.guessed += 1
        }
        return nil
    }

    /// Nodes that are there: all that answered, and those of the silent ones that links lead to.
    private func presentCount(since: Instant) -> Int {
        let answered = nodes.count { $0.linksAt.map { $0 >= since } ?? false }
        return answered == nodes.count ? answered : tree().count
    }

    private mutating func put(_ choice: Choice, at now: Instant) -> ModuleMessage {
        let receiver: NodeID
        let question: SurveyQuestion
        switch choice {
        case .guess(let node):
            (receiver, question) = (node, .connections)
            search?.guessed = node.rawValue + 1
            guesses[node] = now.advanced(byMicroseconds: patience(hops: probableDepth, tries: 0))
        case .node(let position, let asked):
            (receiver, question) = (nodes[position].node, asked)
            let patience = patience(hops: nodes[position].hops, tries: nodes[position][question].tries)
            open(question, of: position, until: now.advanced(byMicroseconds: patience))
        }
        pace.spend(question.packets, at: now)
        packets += UInt64(question.packets)
        return ModuleMessage(sender: own, receiver: receiver, content: .statusReporter(question.message))
    }

    /// How long an answer is waited for, in microseconds: longer over more hops, and twice as long each time.
    private func patience(hops: Int, tries: UInt8) -> UInt64 { (1_000_000 + UInt64(hops) * 250_000) << UInt64(tries) }
}
