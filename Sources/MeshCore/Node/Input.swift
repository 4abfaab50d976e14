public import ByteCoding
public import MeshWire
public import RadioPort

/// What a node is told; every input is legal in every state.
public enum Input: Sendable {
    /// Power came on. Time may stand anywhere.
    case started(boot: BootRecord)
    /// A deadline may have passed; a spurious one does nothing.
    case wake
    /// The radio has something to say.
    case radio(RadioEvent)
    /// Somebody local asks for something.
    case request(Request)
    /// Bytes from the system's random generator, for nonces.
    case entropy(InlineBytes<32>)
}

/// How a boot came about.
public struct BootRecord: Sendable, Equatable {
    /// The 16 random bits of cluster ids (protocol §1.3); nil draws them from the node's own stream.
    public var bootNumber: UInt16?
    /// Reboot reason (protocol §10.1), 0 unknown.
    public var reason: UInt8
    /// What the node had stored.
    public var stored: PersistentState

    /// A boot with its stored state.
    public init(bootNumber: UInt16? = nil, reason: UInt8 = 0, stored: PersistentState = PersistentState()) {
        self.bootNumber = bootNumber
        self.reason = reason
        self.stored = stored
    }
}

/// What somebody local may ask of a node.
public enum Request: Sendable {
    /// Send a message; the sender field is the node's own id, whatever it holds.
    case send(MessageBytes)
    /// Send bytes as they are.
    case sendRaw(MessageBytes)
    /// Become the time master: unix seconds and offset in minutes (protocol §10.4).
    case setTime(seconds: UInt32, offsetMinutes: Int16)
    /// Reboot after a time in deciseconds.
    case reset(afterDeciseconds: UInt32)
    /// Stop or start the discovery state machine (protocol §3.1).
    case discovery(running: Bool)
    /// Drop the mesh link to a partner; nil drops all.
    case disconnect(NodeID?)
}
