import ByteCoding
import MeshCore
import MeshWire
import RadioPort
import Testing

// Neighbours of the node under test, step by step: what they advertise, how links to them come up, what they say, how they go.
extension NodeHarness {
    /// A connect command of the node.
    struct Connect {
        var token: ConnectToken
        var address: Address
        var parameters: ConnectionParameters
        var scan: ScanTiming
        var timeoutMicroseconds: UInt32
    }

    /// How a neighbour was scored at a decision.
    struct Judgement: Equatable {
        var central: ScoreOutcome
        var peripheral: ScoreOutcome
    }

    /// The cluster that a lone neighbour made itself.
    static func cluster(of id: UInt16) -> ClusterID { ClusterID(rawValue: 0x0815_0000 | UInt32(id)) }

    /// The cluster of a neighbour that takes the node in by ``join(_:size:)``.
    static func winningCluster(of id: UInt16) -> ClusterID { ClusterID(rawValue: 0x4711_0000 | UInt32(id)) }

    var id: NodeID { node.identity.node }

    // MARK: - Advertisements

    /// A neighbour's JOIN_ME is heard.
    mutating func hear(
        _ id: UInt16,
        cluster: ClusterID? = nil,
        size: Int16 = 1,
        freeIn: UInt8 = 2,
        freeOut: UInt8 = 3,
        rssi: Int8 = -60,
        deviceType: DeviceType = .static,
        ackField: ClusterID = .none
    ) throws {
        let joinMe = JoinMe(
            network: NetworkID(11),
            sender: NodeID(id),
            cluster: cluster ?? Self.cluster(of: id),
            clusterSize: size,
            freeIn: freeIn,
            freeOut: freeOut,
            deviceType: deviceType,
            meshWriteHandle: 11,
            ackField: ackField
        )
        let data: AdvertisingData = try joinMe.encoded()
        give(.radio(.advertisement(address: Self.address(of: id), rssi: rssi, connectable: true, data: data)))
    }

    // MARK: - Commands

    var connects: [Connect] {
        commands.compactMap {
            guard case .connect(let token, let address, let parameters, let scan, let timeout) = $0 else { return nil }
            return Connect(
                token: token,
                address: address,
                parameters: parameters,
                scan: scan,
                timeoutMicroseconds: timeout
            )
        }
    }

    /// What the scanner was told, nil for stop.
    var scans: [ScanTiming?] {
        commands.compactMap {
            switch $0 {
            case .scan(let timing): .some(timing)
            case .stopScan: .some(nil)
            default: nil
            }
        }
    }

    /// Links that the node closed, with the reason told to the partner.
    var closed: [LinkID] {
        commands.compactMap {
            guard case .disconnect(let link, .remoteUserTerminated) = $0 else { return nil }
            return link
        }
    }

    // MARK: - Traces

    /// Connection objects removed, in order.
    var removals: [DisconnectReason] {
        traces.compactMap { if case .connectionRemoved(_, let reason, _, _) = $0.event { reason } else { nil } }
    }

    var decisions: [DecisionResult] {
        traces.compactMap { if case .decision(let result, _, _) = $0.event { result } else { nil } }
    }

    /// What the node thinks of a neighbour at its next decision.
    mutating func judgement(of id: UInt16) throws -> Judgement {
        let before = decisions.count
        for _ in 0..<12 where decisions.count == before {
            wait(200)
        }
        let judgements: [Judgement] = traces.compactMap {
            guard case .candidate(let judgement) = $0.event, judgement.node == NodeID(id),
                case .scores(let central, let peripheral) = judgement.verdict
            else { return nil }
            return Judgement(central: central, peripheral: peripheral)
        }
        return try #require(judgements.last)
    }

    // MARK: - Links

    /// A link as peripheral comes up and is encrypted; the partner has not written yet.
    mutating func linkUp(from id: UInt16) -> LinkID {
        let link = newLink()
        linkUp(link, token: .incoming, role: .peripheral, to: Self.address(of: id))
        give(.radio(.encrypted(link: link, status: .success)))
        return link
    }

    /// The link of a connect command comes up; nothing more has happened on it.
    mutating func linkUp(_ connect: Connect) -> LinkID {
        let link = newLink()
        linkUp(link, token: connect.token, role: .central, to: connect.address)
        return link
    }

    mutating func linkUp(_ link: LinkID, token: ConnectToken, role: LinkRole, to address: Address) {
        let event = RadioEvent.connected(
            token: token,
            link: link,
            role: role,
            address: address,
            parameters: Self.parameters
        )
        give(.radio(event))
    }

    /// The node hears a lone neighbour and asks the radio for a link to it.
    mutating func connect(to id: UInt16, rssi: Int8 = -60) throws -> Connect {
        try hear(id, rssi: rssi)
        let before = connects.count
        for _ in 0..<12 where connects.count == before {
            wait(200)
        }
        return try #require(connects.dropFirst(before).last)
    }

    /// Encryption and MTU of a link of which the node is central: it opens the handshake.
    mutating func prepare(_ link: LinkID) {
        give(.radio(.encrypted(link: link, status: .success)))
        give(.radio(.mtu(link: link, value: 63)))
    }

    mutating func lose(_ link: LinkID, reason: HCIStatus = .connectionTimeout) {
        give(.radio(.disconnected(link: link, reason: reason)))
    }

    // MARK: - Messages

    mutating func welcome(
        from id: UInt16,
        cluster: ClusterID? = nil,
        size: Int16 = 10,
        network: NetworkID? = NetworkID(11),
        on link: LinkID
    ) throws {
        let welcome = ClusterWelcome(
            sender: NodeID(id),
            cluster: cluster ?? Self.winningCluster(of: id),
            clusterSize: size,
            meshWriteHandle: 11,
            hopsToSink: -1,
            network: network
        )
        try receive(welcome, on: link)
    }

    mutating func acknowledge1(from id: UInt16, hopsToSink: Int16 = -1, on link: LinkID) throws {
        try receive(ClusterAck1(sender: NodeID(id), receiver: self.id, hopsToSink: hopsToSink), on: link)
    }

    mutating func acknowledge2(
        from id: UInt16,
        cluster: ClusterID? = nil,
        size: Int16 = 11,
        hopsToSink: Int16 = -1,
        on link: LinkID
    ) throws {
        let acknowledgement = ClusterAck2(
            sender: NodeID(id),
            receiver: self.id,
            cluster: cluster ?? Self.winningCluster(of: id),
            clusterSize: size,
            hopsToSink: hopsToSink
        )
        try receive(acknowledgement, on: link)
    }

    mutating func update(
        from id: UInt16,
        change: Int16 = 0,
        hopsToSink: Int16 = -1,
        handover: Bool = false,
        counter: UInt8,
        on link: LinkID
    ) throws {
        let update = ClusterInfoUpdate(
            sender: NodeID(id),
            sizeChange: change,
            hopsToSink: hopsToSink,
            masterBitHandover: handover,
            counter: counter
        )
        try receive(update, on: link)
    }

    mutating func command(_ content: NodeMessage, from id: UInt16, on link: LinkID) throws {
        try receive(ModuleMessage(sender: NodeID(id), receiver: self.id, content: .node(content)), on: link)
    }

    // MARK: - What was sent

    /// Messages of a kind sent on a link since they were last forgotten.
    func sent<Message: WireMessage>(_: Message.Type, on link: LinkID) -> [Message] {
        sent.compactMap { message in
            guard message.link == link, let bytes = Hex.decode(message.hex) else { return nil }
            return try? Message(bytes: MessageBytes(bytes))
        }
    }

    /// Messages sent on a link whose hexadecimal form begins so.
    func sent(beginning prefix: String, on link: LinkID) -> [String] {
        sent.filter { $0.link == link && $0.hex.hasPrefix(prefix) }.map(\.hex)
    }

    func view(of link: LinkID) throws -> LinkView { try #require(node.linkViews.first { $0.link == link }) }

    func view(of id: UInt16) throws -> LinkView { try #require(node.linkViews.first { $0.partner == NodeID(id) }) }
}
