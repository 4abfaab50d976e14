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
    /// An output that is no command.
    public struct Other: Sendable {
        /// How many commands come before it.
        public let position: Int
        /// What it is.
        public let output: Output
    }

    // Apart, because commands are by far the most, and a whole output is large.
    /// Commands for the radio, in the order issued.
    public private(set) var commands: ContiguousArray<RadioCommand> = []
    /// All others, in the order issued.
    public private(set) var others: ContiguousArray<Other> = []

    /// No outputs yet.
    public init() {}

    /// Number of outputs.
    @inlinable public var count: Int { commands.count + others.count }

    /// Whether there is none.
    @inlinable public var isEmpty: Bool { commands.isEmpty && others.isEmpty }

    /// All in the order issued.
    public var items: ContiguousArray<Output> {
        var items: ContiguousArray<Output> = []
        items.reserveCapacity(count)
        var taken = 0
        for other in others {
            items.append(contentsOf: commands[taken..<other.position].map { .radio($0) })
            items.append(other.output)
            taken = other.position
        }
        items.append(contentsOf: commands[taken...].map { .radio($0) })
        return items
    }

    /// Appends one.
    @inline(__always)
    mutating func append(_ output: Output) {
        if case .radio(let command) = output {
            commands.append(command)
        } else {
            others.append(Other(position: commands.count, output: output))
        }
    }

    /// Forgets all, keeping the memory.
    public mutating func removeAll() {
        commands.removeAll(keepingCapacity: true)
        if !others.isEmpty {
            others.removeAll(keepingCapacity: true)
        }
    }
}
