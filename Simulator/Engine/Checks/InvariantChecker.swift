import ByteCoding
import MeshConfiguration
import MeshCore
import MeshWire
import RadioFake
import RadioPort

/// Looks after every turn for what must never be.
///
/// Only what a turn changed is looked at: a node whose links are as they were cannot have broken anything.
struct InvariantChecker: Sendable {
    /// What a node's links looked like after its last turn.
    private var links: ContiguousArray<[LinkView]>
    private var keys: ContiguousArray<ClusterKey?>
    /// Index of each node, by network and id.
    private var indices: [Place: Int]
    private var places: ContiguousArray<Place>
    /// How often each broadcast was sent by its sender; it loops back to the sender once each time.
    private var sent: [MessageKey: Sending] = [:]
    /// How often each node was handed each broadcast.
    private var received: [Receipt: Int] = [:]
    /// A message that some node was handed more often than it was sent.
    private var suspicion: Receipt?
    /// Ends of links that were re-established so far.
    private var reestablished = 0

    /// Broadcasts remembered at most; then all are forgotten and counting starts again.
    private static let memory = 200_000

    private struct Place: Hashable {
        var network: NetworkID
        var node: NodeID
    }

    private struct MessageKey: Hashable {
        var bytes: [UInt8]
    }

    private struct Sending {
        var times = 0
        /// Ends of links that had been re-established by the first time.
        var reestablished: Int
    }

    private struct Receipt: Hashable {
        var node: Int
        /// Links the node had lost until then: one that has moved to another place may hear there what it knows.
        var losses: UInt16
        var message: MessageKey
    }

    init(placement: Placement) {
        links = ContiguousArray(repeating: [], count: placement.sites.count)
        keys = ContiguousArray(repeating: nil, count: placement.sites.count)
        indices = [:]
        places = []
        for (index, site) in placement.sites.enumerated() {
            let place = Place(network: site.network, node: site.id)
            places.append(place)
            indices[place] = index
        }
    }

    /// A node booted, be it as another one than before.
    mutating func note(_ identity: Identity, of index: Int) {
        let place = Place(network: identity.network, node: identity.node)
        guard place != places[index] else { return }
        if indices[places[index]] == index { indices[places[index]] = nil }
        places[index] = place
        indices[place] = index
    }

    /// Notes the present links and key of a node; true if they differ from before.
    mutating func note(_ views: [LinkView], key: ClusterKey, of index: Int) -> Bool {
        guard links[index] != views || keys[index] != key else { return false }
        for old in links[index] where old.state == .reestablishing || old.state == .reestablishingHandshake {
            for new in views where new.partner == old.partner && new.state == .handshakeDone { reestablished += 1 }
        }
        links[index] = views
        keys[index] = key
        return true
    }

    /// Index of a node of a network, nil if there is none.
    func index(of node: NodeID, in network: NetworkID) -> Int? { indices[Place(network: network, node: node)] }

    /// The links of a node after its last turn.
    func views(of index: Int) -> [LinkView] { links[index] }

    /// A node that has lost `losses` links was handed a message; `sender` tells whether by its own loopback.
    mutating func delivered(_ message: MessageBytes, to index: Int, isSender: Bool, losses: UInt16) {
        // A broadcast reaches its sender by loopback alone: that counts how often it was sent.
        guard message.count > 5, message[3] == 0, message[4] == 0 else { return }
        let key = MessageKey(bytes: message.array)
        if isSender {
            if sent.count >= Self.memory {
                sent.removeAll()
                received.removeAll()
            }
            sent[key, default: Sending(reestablished: reestablished)].times += 1
        } else if sent[key] != nil {
            let receipt = Receipt(node: index, losses: losses, message: key)
            received[receipt, default: 0] += 1
            suspicion = isTooOften(receipt) ? receipt : suspicion
        }
    }

    /// An end of a link that is re-established sends again what was not confirmed, and it goes on from there (protocol §8.5): each
    /// may bring one more copy of what was under way.
    private func isTooOften(_ receipt: Receipt) -> Bool {
        guard let sending = sent[receipt.message], let times = received[receipt] else { return false }
        return times > sending.times + reestablished - sending.reestablished
    }

    /// The node that was handed a message twice, and the message in hexadecimal; to be asked when the turn was noted.
    var duplicateFound: (node: Int, text: String)? {
        guard let suspicion, isTooOften(suspicion) else { return nil }
        return (suspicion.node, Hex.encode(suspicion.message.bytes))
    }
}

extension Simulation {
    /// Checks what the turn of a node may have broken; the first violation stops the run.
    mutating func checkInvariants(around index: Int) {
        let isChanged = checker?.note(nodes[index].linkViews, key: nodes[index].clusterKey, of: index) == true
        if options.invariants.contains(.noDuplicates), let (node, text) = checker?.duplicateFound {
            violate(.noDuplicates, "node \(name(node)) was handed a message twice: \(text)")
            return
        }
        guard isChanged else { return }
        if let text = degreeProblem(of: index) { violate(.degreeLimits, text) }
        if let text = masterBitProblem(of: index) { violate(.oneMasterBit, text) }
        if let text = sizeProblem(of: index) { violate(.sizesConsistent, text) }
        if let text = loopProblem(around: index) { violate(.noLoops, text) }
        if options.configuration.clustering == .graft {
            checkTree(around: index)
        }
    }

    mutating func violate(_ invariant: Invariant, _ text: String) {
        guard violation == nil, options.invariants.contains(invariant) else { return }
        violation = Violation(invariant: invariant, seed: seed, at: now, text: text)
    }

    func name(_ index: Int) -> String { placement.sites[index].id.description }

    func views(of index: Int) -> [LinkView] { checker?.views(of: index) ?? [] }

    // MARK: - After every turn

    private func degreeProblem(of index: Int) -> String? {
        let mesh = views(of: index).filter { $0.kind == .mesh && $0.relation != .engaged }
        let incoming = mesh.count { $0.role == .peripheral }
        let outgoing = mesh.count - incoming
        let configuration = nodes[index].configuration
        guard
            incoming > Int(configuration.meshInLinks) || outgoing > Int(configuration.meshOutLinks)
                || nodes[index].linkCount > Limits.connections
        else { return nil }
        return
            "node \(name(index)) has \(incoming) in-links and \(outgoing) out-links, \(nodes[index].linkCount) in all"
    }

    private func masterBitProblem(of index: Int) -> String? {
        for (view, peer, other) in edges(of: index) where view.masterBit && other.masterBit {
            return "both node \(name(index)) and node \(name(peer)) hold the master bit of their link"
        }
        return nil
    }

    /// A node's own books: its size is itself and what is behind its links.
    private func sizeProblem(of index: Int) -> String? {
        let behind = views(of: index).reduce(0) { $0 + ($1.isCounted ? Int($1.connectedSize) : 0) }
        let size = Int(nodes[index].clusterSize)
        guard size != 1 + behind else { return nil }
        return "node \(name(index)) counts \(size) nodes, but itself and what is behind its links are \(1 + behind)"
    }

    /// Walks the links that both ends count as handshaked; a loop comes back to a node by another link.
    private func loopProblem(around index: Int) -> String? {
        var cameFrom = [index: -1]
        var order = [index]
        var position = 0
        while position < order.count {
            let node = order[position]
            position += 1
            for (_, peer, _) in edges(of: node) where peer != cameFrom[node] {
                if cameFrom[peer] != nil {
                    return "nodes \(name(node)) and \(name(peer)) close a loop of handshaked links"
                }
                cameFrom[peer] = node
                order.append(peer)
            }
        }
        return nil
    }

    /// The links of a node that are up and handshaked at both ends, with the other end.
    private func edges(of index: Int) -> [(LinkView, Int, LinkView)] {
        var edges: [(LinkView, Int, LinkView)] = []
        for view in views(of: index) where view.kind == .mesh && view.state == .handshakeDone {
            guard let (peer, link) = air.peer(of: view.link, at: index),
                let other = views(of: peer).first(where: { $0.link == link }), other.kind == .mesh,
                other.state == .handshakeDone
            else { continue }
            edges.append((view, peer, other))
        }
        return edges
    }

    // MARK: - Once quiet

    /// When nothing is under way, every node must count exactly the nodes that it is linked with.
    mutating func checkSizesIfQuiet() {
        guard violation == nil, isQuiet else { return }
        if options.configuration.clustering == .graft {
            checkKeysOnceQuiet()
        }
        var isSeen = [Bool](repeating: false, count: count)
        for start in nodes.indices where isPowered[start] && !isSeen[start] {
            var component = [start]
            isSeen[start] = true
            var position = 0
            while position < component.count {
                for (_, peer, _) in edges(of: component[position]) where !isSeen[peer] {
                    isSeen[peer] = true
                    component.append(peer)
                }
                position += 1
            }
            for index in component where Int(nodes[index].clusterSize) != component.count {
                violate(
                    .sizesConsistent,
                    "node \(name(index)) counts \(nodes[index].clusterSize) nodes in a tree of \(component.count)"
                )
            }
        }
    }

    /// Whether no link is being set up, lost or recovered, and nothing waits to be told.
    private var isQuiet: Bool {
        for index in nodes.indices where isPowered[index] {
            guard air.isQuiet(index), !disturbances.holdsBack(index) else { return false }
            for view in nodes[index].linkViews where view.state != .handshakeDone || !view.isQuiet {
                return false
            }
        }
        return true
    }
}
