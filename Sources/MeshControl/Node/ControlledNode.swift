package import MeshConfiguration
package import MeshCore
package import RadioPort

/// What runs the node that a control socket shows: a daemon, or a simulation.
package protocol ControlledNode: AnyObject {
    /// The node as it is.
    var node: Node { get }
    /// The node's time.
    var now: Instant { get }
    /// What the node does not know of itself.
    var surroundings: NodeSurroundings { get }
    /// Counters of the radio.
    var radioCounters: [RadioCounter] { get }
    /// Tells the node something, and carries out what it wants.
    func feed(_ input: Input)
    /// Calls ``NodeControl/wake()`` once, not before an instant of the node's time; nil: does not.
    ///
    /// A later call takes the place of an earlier one. It is never called from within this.
    func wakeControl(at instant: Instant?)
    /// Logs from a level on.
    ///
    /// - Throws: ``ControlError`` if there is no log.
    func log(from level: LogLevel) throws(ControlError)
    /// Records what the node is told, or not.
    ///
    /// - Returns: what becomes of it, as a ``RecordReport``.
    /// - Throws: ``ControlError`` if that is not done here.
    func record(_ order: RecordOrder) throws(ControlError) -> JSONObject
    /// Captures packets between host and controller, or not.
    ///
    /// - Returns: what becomes of it, an object of kind `capture`.
    /// - Throws: ``ControlError`` if that is not done here, or cannot be.
    func capture(_ order: CaptureOrder) throws(ControlError) -> JSONObject
}

extension ControlledNode {
    /// Only a daemon is told to record while it runs.
    package func record(_ order: RecordOrder) throws(ControlError) -> JSONObject {
        throw ControlError("a simulated node is recorded by 'thicket sim run --record NODE=FILE'")
    }

    /// Only a real radio has packets.
    package func capture(_ order: CaptureOrder) throws(ControlError) -> JSONObject {
        throw ControlError("a simulated node has no controller whose packets could be captured")
    }
}

/// What is around a node.
package struct NodeSurroundings: Sendable {
    /// How people call the node, nil if it has no name.
    package var name: String?
    /// Its radio.
    package var radio: RadioSummary
    /// When its program began, in the node's time.
    package var startedAt: Instant
    /// Where its history is kept, nil if none is.
    package var historyPath: String?

    /// Surroundings from their parts.
    package init(name: String?, radio: RadioSummary, startedAt: Instant, historyPath: String? = nil) {
        self.name = name
        self.radio = radio
        self.startedAt = startedAt
        self.historyPath = historyPath
    }
}
