package import MeshWire
package import RadioPort

/// A mesh link as one of its ends told it.
package struct SurveyedLink: Equatable, Sendable {
    /// The node at the other end.
    package var partner: NodeID
    /// How well the end that told it hears the other, in dBm; nil if it does not know.
    package var rssi: Int8?
    /// Whether the end that told it is the central.
    package var isOutgoing: Bool
}

/// A node that another one heard.
package struct HeardNode: Equatable, Sendable {
    /// The node.
    package var node: NodeID
    /// Mean signal strength in dBm.
    package var rssi: Int8
    /// When it was told.
    var at: Instant
}

/// What a survey knows of one node.
package struct SurveyedNode: Sendable {
    /// What a node is, from DEVICE_INFO_V2.
    package struct Device: Equatable, Sendable {
        /// What it is for.
        package var type: DeviceType
        /// The number it is sold under.
        package var serialNumber: SerialNumber
        /// 10,000,000 major + 10,000 minor + patch.
        package var version: UInt32
    }

    /// How far one question to the node is.
    struct Inquiry: Sendable {
        /// How often it was asked without an answer.
        var tries: UInt8 = 0
        /// Until when an answer is waited for, nil if none is.
        var openUntil: Instant?
        /// When it was answered last.
        var answeredAt: Instant?
        /// When the node was given up last.
        var silentAt: Instant?

        /// When it was answered or given up last, nil if neither.
        var doneAt: Instant? {
            guard let answeredAt, let silentAt else { return answeredAt ?? silentAt }
            return max(answeredAt, silentAt)
        }
    }

    /// Its id.
    package let node: NodeID
    /// When the survey learned of it.
    let foundAt: Instant
    /// When anything came from it, nil if nothing has.
    package internal(set) var heardAt: Instant?
    /// The mesh links it told of: at most three incoming and three outgoing ones.
    package internal(set) var links: [SurveyedLink] = []
    /// What it is, nil if it has not said so.
    package internal(set) var device: Device?
    /// Whom it heard, at most ``MeshSurvey/heardNodesMax``.
    package internal(set) var heardNodes: [HeardNode] = []
    /// Something was heard that contradicts the links.
    var isSuspect = false
    /// Hops from here when it was found, for the time that an answer takes.
    var hops: Int
    private var inquiries: InlineArray<4, Inquiry> = InlineArray(repeating: Inquiry())

    init(_ node: NodeID, foundAt: Instant, hops: Int) {
        self.node = node
        self.foundAt = foundAt
        self.hops = hops
    }

    subscript(question: SurveyQuestion) -> Inquiry {
        get { inquiries[question.rawValue] }
        set { inquiries[question.rawValue] = newValue }
    }

    /// When it told its links last, nil if it has not.
    package var linksAt: Instant? { self[.connections].answeredAt }
    /// When it told whom it heard last, nil if it has not.
    package var heardNodesAt: Instant? { self[.neighbours].answeredAt }
    /// Whether it was asked for its links and did not answer any more.
    package var isSilent: Bool { self[.connections].silentAt.map { $0 > linksAt ?? .zero } ?? false }

    /// The link to a partner.
    func link(to partner: NodeID) -> SurveyedLink? { links.first { $0.partner == partner } }

    /// Takes the answer to a question.
    mutating func answered(_ question: SurveyQuestion, at now: Instant) {
        self[question] = Inquiry(answeredAt: now, silentAt: self[question].silentAt)
    }

    /// A question was not answered in time: it is put again, or the node counts as silent.
    mutating func giveUp(_ question: SurveyQuestion, at now: Instant) {
        self[question].openUntil = nil
        guard self[question].tries >= MeshSurvey.triesMax else { return }
        self[question].tries = 0
        self[question].silentAt = now
        if question == .connections { isSuspect = false }
    }

    // MARK: - Links

    /// Takes ALL_CONNECTIONS: every outgoing link, but only the first incoming one, so that the others stay.
    mutating func take(_ report: AllConnections, at now: Instant) {
        let told = Array(report.entries)
        let incoming = told.first?.partner ?? NodeID(0)
        links.removeAll { $0.isOutgoing || incoming.rawValue == 0 || $0.partner == incoming }
        for (position, entry) in told.enumerated() {
            add(entry.partner, rssi: entry.rssi, isOutgoing: position > 0)
        }
        isSuspect = false
        answered(.connections, at: now)
    }

    /// Takes ALL_CONNECTIONS_VERBOSE of one connection.
    mutating func take(_ report: ConnectionVerbose, at now: Instant) {
        answered(.allConnections, at: now)
        let isHandshaked = report.connectionType == 1 && report.connectionState >= 4
        guard isHandshaked else { return }
        links.removeAll { $0.partner == report.partnerID }
        add(report.partnerID, rssi: report.averageRSSI, isOutgoing: report.direction == 1)
    }

    mutating func add(_ partner: NodeID, rssi: Int8?, isOutgoing: Bool) {
        guard partner.kind == .device, partner != node, link(to: partner) == nil else { return }
        // The oldest makes room.
        let room = links.filter { $0.isOutgoing == isOutgoing }
        if room.count >= 3 { links.removeAll { $0.partner == room[0].partner } }
        links.append(SurveyedLink(partner: partner, rssi: rssi == 0 ? nil : rssi, isOutgoing: isOutgoing))
    }

    // MARK: - Neighbours

    /// Takes NEARBY_NODES: what was heard since the last question, so that what was told before is kept.
    mutating func take(_ report: NearbyNodes, at now: Instant) {
        for entry in report.nodes where entry.partner.kind == .device && entry.partner != node {
            heardNodes.removeAll { $0.node == entry.partner }
            if heardNodes.count >= MeshSurvey.heardNodesMax { heardNodes.removeFirst() }
            heardNodes.append(HeardNode(node: entry.partner, rssi: entry.rssi, at: now))
        }
        answered(.neighbours, at: now)
    }
}
