public import ByteCoding
public import MeshWire
public import RadioPort

/// What a node wants done.
public enum Output: Sendable {
    /// A command for the radio.
    case radio(RadioCommand)
    /// A message for this node, whole, as received or looped back.
    case deliver(MessageBytes)
    /// State to be kept over a restart.
    case persist(PersistentState)
    /// The node shall be restarted, with this reboot reason.
    case restart(reason: UInt8)
    /// More bytes from the system's random generator are welcome.
    case needsEntropy
    /// Something that an observer may want to know.
    case trace(TraceEvent)
}

/// The outputs of one or more inputs, in order; owned and drained by the driver.
public struct Outputs: Sendable {
    /// In the order issued.
    public private(set) var items: ContiguousArray<Output> = []

    /// No outputs yet.
    public init() {}

    /// Appends one.
    @inline(__always)
    mutating func append(_ output: Output) { items.append(output) }

    /// Forgets all, keeping the memory.
    public mutating func removeAll() { items.removeAll(keepingCapacity: true) }
}
