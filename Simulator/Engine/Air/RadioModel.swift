import RadioPort

/// What lies between the nodes: takes their commands, gives them events, and knows when.
///
/// The engine gives every node *turns*. In a turn a node runs the timers that are due and takes the events that wait for it;
/// what it commands goes back to the model.
///
/// ```
///            nextTurn ─► index ─► (timers) ─► beginTurn ─► nextEvent … nil ─► endTurn
///                                     │                         │
///                                     └──────── perform ◄───────┘
/// ```
protocol RadioModel: Sendable {
    /// Time between two looks from outside, in microseconds: the timeline and the expectations keep to it.
    var stepMicroseconds: UInt64 { get }
    /// Simulated time; within a turn, the time of the turn.
    var now: Instant { get }
    /// Successful link-layer connections so far.
    var linksMade: Int { get }
    /// Advertisements received so far.
    var receptions: Int { get }

    // MARK: Turns

    /// The node that has something to do next; nil, at `end`, if nobody has before.
    mutating func nextTurn(before end: Instant) -> Int?
    /// The timers of the node have run: brings up to date what its radio has for it.
    mutating func beginTurn(of index: Int)
    /// The next event for the node whose turn it is; nil if there is none in this turn.
    mutating func nextEvent(for index: Int) -> RadioEvent?
    /// The turn is over; the node has to run timers at `deadline`.
    mutating func endTurn(of index: Int, deadline: Instant?)
    /// Asks for a turn of a node as soon as possible.
    mutating func ask(_ index: Int)

    // MARK: Nodes

    /// Carries out a command of a node.
    mutating func perform(_ command: RadioCommand, by index: Int)
    /// 64 random bits for the keys of a node.
    mutating func entropy(for index: Int) -> UInt64
    /// The address of a node's radio.
    func address(of index: Int) -> Address

    // MARK: Links

    /// The other end of a link; nil if there is no such link (any more).
    func peer(of link: LinkID, at index: Int) -> (node: Int, link: LinkID)?
    /// Whether something can pass over a link now.
    func carries(_ link: LinkID, at index: Int) -> Bool
    /// How strong a node is at another, in dBm, the average; nil if it is out of reach.
    func rssi(of other: Int, at index: Int) -> Int8?
    /// Whether no link of a node is coming up or silent, and nothing waits to be sent or told.
    func isQuiet(_ index: Int) -> Bool

    // MARK: Faults

    /// A node loses power: its partners notice by supervision.
    mutating func powerOff(_ index: Int)
    /// A node has power again, and a radio that knows nothing.
    mutating func powerOn(_ index: Int)
    /// A node closes its links and resets its radio.
    mutating func reset(_ index: Int)
    /// A node is moved out of everyone's range.
    mutating func vanish(_ index: Int)
    /// Whether a node is where nobody hears it.
    func hasVanished(_ index: Int) -> Bool
    /// Takes a link down at both ends at once; false if there is none.
    mutating func endLink(between one: Int, _ other: Int, local: HCIStatus, remote: HCIStatus) -> Bool
    /// Two nodes cannot hear each other from now on.
    mutating func block(_ one: Int, _ other: Int)
    /// Two nodes can hear each other again.
    mutating func unblock(_ one: Int, _ other: Int)
}
