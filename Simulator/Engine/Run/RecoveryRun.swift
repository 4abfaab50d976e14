import MeshCore
import MeshWire
public import RadioPort

/// What happens to a formed mesh.
public enum RecoveryEvent: String, CaseIterable, Sendable {
    /// The best-connected node moves out of everyone's range; it keeps running.
    case off
    /// The best-connected node reboots without down time; it closes its links first, as a reset does.
    case reboot
    /// A random handshaked link drops at once at both ends, as by supervision.
    case linkLoss = "link-loss"
    /// One end of a random handshaked link closes it on purpose.
    case linkClose = "link-close"
    /// The two ends of a random handshaked link cannot hear each other any more.
    case linkBlock = "link-block"
    /// Two faults a second for a minute; recovery counts from the end of the last.
    case churn
}

/// Form, wait 30 s, let something happen, and wait until the mesh is whole again.
public struct RecoveryRun: Sendable {
    /// Time between formation and event, so that all links are old enough to be re-established.
    public static let waitMicroseconds: UInt64 = 30_000_000

    /// The seed of the run.
    public var seed: UInt64
    /// Nodes of all networks together.
    public var nodes: Int
    /// What happened.
    public var event: RecoveryEvent
    /// When it happened; nil if the mesh did not form.
    public var eventAt: Instant?
    /// The first instant at which the rest was one cluster again; nil if it did not come.
    public var recoveredAt: Instant?
    /// Whether any remaining node changed its cluster id meanwhile.
    public var clusterChanged: Bool
    /// Successful link-layer connections since the event.
    public var linksMade: Int
    /// Longest path over handshaked links once recovered, in hops.
    public var treeDiameter: Int?
    /// Digest of all outputs.
    public var digest: UInt64
    /// Simulated time that was run.
    public var simulated: Instant
    /// What went wrong, if invariants were checked.
    public var violation: Violation?

    /// Microseconds from the event to recovery; nil if it did not come.
    public var recoveryMicroseconds: UInt64? {
        guard let eventAt, let recoveredAt else { return nil }
        return recoveredAt.microseconds(since: eventAt)
    }

    /// Whether the run was given up half-way.
    public var wasInterrupted: Bool

    /// Runs a placement; formation and recovery are each given `limit`; `isInterrupted` is asked before every step.
    public init(
        placement: Placement,
        seed: UInt64,
        event: RecoveryEvent,
        limit: Instant,
        options: Simulation.Options = Simulation.Options(),
        isInterrupted: () -> Bool = { false }
    ) {
        var simulation = Simulation(placement: placement, seed: seed, options: options)
        self.seed = seed
        self.event = event
        nodes = simulation.count
        clusterChanged = false
        linksMade = 0
        if let formedAt = simulation.runUntilFormed(limit: limit, isInterrupted: isInterrupted) {
            simulation.run(until: formedAt.advanced(byMicroseconds: Self.waitMicroseconds))
            let linksBefore = simulation.linksMade
            if event == .churn {
                simulation.churn(isInterrupted: isInterrupted)
            }
            eventAt = simulation.now
            let expectedEdges = simulation.strike(event)
            let end = simulation.now.advanced(byMicroseconds: limit.microseconds)
            let before = simulation.countedClusters
            while simulation.now < end, simulation.violation == nil, !isInterrupted() {
                let now = simulation.now
                simulation.step()
                if !clusterChanged, simulation.countedClusters != before { clusterChanged = true }
                if simulation.isFormed, expectedEdges.map({ simulation.tree.edges.count == $0 }) ?? true {
                    recoveredAt = now
                    break
                }
            }
            linksMade = simulation.linksMade - linksBefore
        }
        wasInterrupted = recoveredAt == nil && isInterrupted()
        treeDiameter = recoveredAt == nil ? nil : simulation.tree.diameter
        digest = simulation.digest.value
        simulated = simulation.now
        violation = simulation.violation
    }
}

extension Simulation {
    /// Lets an event happen.
    ///
    /// - Returns: the number of handshaked links that recovery must restore; nil if sizes tell alone.
    mutating func strike(_ event: RecoveryEvent) -> Int? {
        switch event {
        case .churn:
            return count - Set(placement.sites.map(\.network)).count
        case .off:
            vanish(bestConnected)
            return nil
        case .reboot:
            reboot(bestConnected)
            return nil
        case .linkLoss, .linkClose, .linkBlock:
            let edges = tree.edges
            guard !edges.isEmpty else { return nil }
            let edge = edges[Int(random.uniform(below: UInt32(edges.count)))]
            switch event {
            case .linkClose: closeLink(of: edge.central, to: edge.peripheral)
            case .linkBlock: block(edge.central, edge.peripheral)
            default: dropLink(edge.central, edge.peripheral)
            }
            return edges.count
        }
    }

    /// Lets faults happen for a minute, until the last is over.
    mutating func churn(isInterrupted: () -> Bool) {
        var churn = Churn(at: now)
        while !churn.isOver(at: now), violation == nil, !isInterrupted() {
            churn.advance(&self)
            step()
        }
        churn.advance(&self)
    }

    /// Cluster ids of the nodes that shall be one cluster.
    var countedClusters: [ClusterID] {
        nodes.indices.filter { formation.isCounted($0) }.map { nodes[$0].clusterID }
    }
}
