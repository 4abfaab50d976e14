public import MeshWire

/// What happens to the nodes and to the air.
public enum TimelineAction: Sendable, Equatable {
    /// The nodes stop: their links die by supervision, their memory is lost.
    case powerOff([NodeReference])
    /// The nodes that are off start.
    case powerOn([NodeReference])
    /// The nodes restart at once: links drop on both ends with reason 0x08, memory is lost, no down time.
    case reboot([NodeReference])
    /// Nothing passes between the two nodes any more, in either direction.
    case blockLink(NodeID, NodeID)
    /// What passes between the two nodes is up to the radio again.
    case unblockLink(NodeID, NodeID)
    /// A node is somewhere else from now on, in metres; under the `ble` radio.
    case move(NodeID, x: Double, y: Double)
    /// Nothing passes on the channels any more; under the `ble` radio.
    case jam(JammedChannels)
    /// The channels are free again.
    case unjam(JammedChannels)
    /// It is louder where some nodes are: what they hear must be stronger to be understood; under the `ble` radio.
    case noise(Noise)
    /// Nodes walk; under the `ble` radio.
    case walk(Walk)
    /// Nothing passes between nodes of different groups; with one group, between it and all others.
    case partition([[NodeReference]])
    /// Every partition is over.
    case rejoin
    /// A wall stands there: nothing passes through it, or, under the `ble` radio, what passes loses so many dB.
    case raiseWall(Segment, lossDecibels: Double?)
    /// The wall is gone, one that was raised or one that the `ble` radio has.
    case removeWall(Segment)
    /// The nodes send one message each.
    case send(SendOrder)
    /// Strangers that were not enrolled become members of the network and start.
    case enrol([NodeReference])
    /// A node is an adversary: from now on it advertises forged JOIN_ME, and answers nothing.
    case adversary(Adversary)
    /// The radios fail and work again after a time: their links die by supervision, the nodes keep what they know.
    case adapterReset([NodeReference])
    /// Something between the air and the nodes is not as it should be.
    case disturb([NodeReference], Disturbance)
}

/// A line on the map, in metres.
public struct Segment: Sendable, Hashable {
    /// One end: metres to the right.
    public var fromX: Double
    /// One end: metres down the map.
    public var fromY: Double
    /// The other end: metres to the right.
    public var toX: Double
    /// The other end: metres down the map.
    public var toY: Double

    /// A line between two points.
    public init(fromX: Double, fromY: Double, toX: Double, toY: Double) {
        self.fromX = fromX
        self.fromY = fromY
        self.toX = toX
        self.toY = toY
    }
}

/// How nodes walk.
public struct Walk: Sendable, Equatable {
    /// A point of a path.
    public struct Point: Sendable, Equatable {
        /// Metres to the right.
        public var x: Double
        /// Metres down the map.
        public var y: Double

        /// A point.
        public init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// Who walks, all at the same time.
    public var nodes: [NodeID]
    /// Where to, one point after the other, in straight lines.
    public var path: [Point]
    /// Whether the points count from where each node stood when it set out: so several keep their distances.
    public var isRelative: Bool
    /// Metres per second.
    public var speed: Double
    /// How often the path is walked; from the last point back to the first in between.
    public var laps: Int

    /// A walk.
    public init(nodes: [NodeID], path: [Point], isRelative: Bool, speed: Double, laps: Int = 1) {
        self.nodes = nodes
        self.path = path
        self.isRelative = isRelative
        self.speed = speed
        self.laps = laps
    }
}

/// One message of each of some nodes.
public struct SendOrder: Sendable, Equatable {
    /// Whom it is for.
    public enum Receiver: Sendable, Equatable {
        /// One node.
        case node(NodeID)
        /// The nearest sink.
        case sink
        /// Everybody.
        case all
    }

    /// Who sends.
    public var from: [NodeReference]
    /// To whom.
    public var to: Receiver
    /// Bytes behind the message header.
    public var bytes: Int

    /// An order.
    public init(from: [NodeReference], to: Receiver, bytes: Int = 20) {
        self.from = from
        self.to = to
        self.bytes = bytes
    }
}

/// A radio that lies: it advertises JOIN_ME of a cluster that there is not, takes links and never says a word on them.
///
/// The node of that id does not run at any time of the scenario; its radio is the adversary's.
public struct Adversary: Sendable, Equatable {
    /// Whose radio it is, and where it stands.
    public var node: NodeID
    /// Whom it claims to be; nil: somebody else in every advertisement, drawn from the seed.
    public var claims: NodeID?
    /// Nodes in the cluster that it claims to belong to.
    public var clusterSize: Int16
    /// From one forgery to the next, each of another cluster.
    public var periodMicroseconds: UInt64

    /// An adversary.
    public init(node: NodeID, claims: NodeID? = nil, clusterSize: Int16 = 500, periodMicroseconds: UInt64 = 1_000_000) {
        self.node = node
        self.claims = claims
        self.clusterSize = clusterSize
        self.periodMicroseconds = periodMicroseconds
    }
}

/// Noise at some nodes, as of machines, microwave ovens or badly screened cables.
///
/// Unlike what a jammer does, packets that are strong enough come through.
public struct Noise: Sendable, Equatable {
    /// Whose receivers suffer from it; the same ones as long as it lasts, wherever they go.
    public var nodes: [NodeReference]
    /// By how much it lies above what the receivers have anyway, in dB.
    public var riseDecibels: Double
    /// Where it is.
    public var channels: JammedChannels

    /// Noise.
    public init(nodes: [NodeReference] = [.all], riseDecibels: Double, channels: JammedChannels = .all) {
        self.nodes = nodes
        self.riseDecibels = riseDecibels
        self.channels = channels
    }
}

/// What a jammer, or noise, covers.
public enum JammedChannels: String, CaseIterable, Sendable {
    /// 37, 38 and 39: nobody is discovered, no link comes up.
    case advertising
    /// 0...36: no link carries anything.
    case data
    /// All of them.
    case all
}

/// Something that happens at an instant of a scenario.
public struct TimelineEntry: Sendable, Equatable {
    /// When, from the start of the simulation.
    public var atMicroseconds: UInt64
    /// What.
    public var action: TimelineAction
    /// After which time it is undone, nil: never.
    ///
    /// What was switched off is switched on again, and so on; of nodes that were drawn, the same ones.
    public var forMicroseconds: UInt64?

    /// An action at an instant.
    public init(atMicroseconds: UInt64, action: TimelineAction, forMicroseconds: UInt64? = nil) {
        self.atMicroseconds = atMicroseconds
        self.action = action
        self.forMicroseconds = forMicroseconds
    }
}
