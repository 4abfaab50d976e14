/// Every limit of a node, and what happens when it is reached.
public enum Limits {
    /// Connection objects of all kinds in classic clustering; a further incoming link is closed at once (protocol §5.1).
    public static let classicConnections = 5
    /// Connection objects of all kinds; graft keeps one open for partners that it has no place for yet.
    public static let connections = 6
    /// Link-layer links as peripheral; at this count advertising turns non-connectable (protocol §2.3).
    public static let incomingLinks = 3
    /// Link-layer links as central.
    public static let outgoingLinks = 3
    /// Bytes of a whole message; a longer one is refused by the sender and dropped by the receiver (protocol §5.5).
    public static let messageBytes = 200
    /// Bytes of a message that may travel with the highest priority; a longer one is demoted (protocol §5.9).
    public static let vitalBytes = 20
    /// Write commands handed to the radio and not yet sent, per link (protocol §5.4); further ones wait in the queue.
    public static let commandsInFlight = 7
    /// Bytes of a chunk of send memory (protocol §5.9).
    public static let queueChunkBytes = 256
    /// Chunks that all queues share beyond the one that each has reserved; a full queue drops the new message.
    public static let sharedQueueChunks = 20
    /// Chunks of one link's queues together; a full queue drops the new message.
    public static let linkQueueChunks = 25
    /// Neighbours remembered from JOIN_ME; the least useful is replaced (protocol §4.1).
    public static let joinMeEntries = 10
    /// Neighbours remembered from GRAFT_ME; the least useful is replaced.
    public static let neighbours = 24
    /// Neighbours of the other clustering mode that are spoken of; the one heard longest ago is replaced.
    public static let otherModeNeighbours = 4
    /// Neighbours that are no candidates, remembered while the node traces; the one heard longest ago is replaced.
    public static let bystanders = 24
    /// Cluster ids that one write of the stored state reserves.
    public static let reservedGenerations: UInt16 = 256
    /// Rounds in which a node follows up one input; what is left over waits for the next input.
    public static let graftRounds = 32
    /// Preferred partners; further ones in a request are refused (protocol §4.7).
    public static let preferredPartners = 8
    /// Dynamic groups of a node; a further one is answered with "table full" (protocol §10.2).
    public static let dynamicGroups = 20
    /// Neighbours counted for the nearby report; further ones are not counted (protocol §10.1).
    public static let nearbyNodes = 20
    /// Entries of the error log; a further one is not stored (protocol §10.1).
    public static let errorLogEntries = 100
    /// Answers given piece by piece at one time; a further request is dropped.
    public static let pendingAnswers = 8
    /// Bytes of system randomness kept for nonces; below half, more is asked for.
    public static let entropyBytes = 32
    /// Seconds after its time for which a change of the clustering mode is still carried out; a later one is forgotten.
    public static let clusteringChangeDelay: UInt32 = 60
    /// Devices remembered from their MeshAccess broadcasts; the least useful is replaced (protocol §10.5).
    public static let heardDevices = 24
    /// Cluster sizes fit 16 signed bits; additions saturate.
    public static let clusterSize = Int16.max
}
