import ByteCoding
import MeshControl
import MeshWire

/// Sends messages to nodes of the mesh and hears their answers, by way of a daemon.
struct MeshDialogue: ~Copyable {
    /// A message that reached the daemon's node.
    struct Delivery {
        /// The message.
        var message: MessageBytes
        /// When, in microseconds of the node's clock.
        var at: UInt64
    }

    private var events: ControlClient
    private var orders: ControlClient
    private let path: String
    /// Tells the answers to requests of this program.
    var handles = RequestHandles()

    /// Begins to listen.
    ///
    /// - Throws: ``ControlError`` if the daemon cannot be reached.
    init(path: String) throws {
        var events = try ControlClient(path: path)
        try events.send(["request": "monitor", "events": .list(["delivered"])])
        while try events.nextAnswer()?.kind != "monitoring" {}
        let orders = try ControlClient(path: path)
        self.events = events
        self.orders = orders
        self.path = path
    }

    /// Asks the daemon itself.
    mutating func ask(_ request: String) throws -> ControlAnswer {
        try orders.send(["request": .text(request)])
        guard let answer = try orders.nextAnswer() else {
            throw ControlError("the daemon does not answer '\(request)'")
        }
        while try orders.nextAnswer() != nil {}
        return answer
    }

    /// Sends a message; the sender is the daemon's node.
    ///
    /// - Returns: when, in microseconds of the node's clock.
    @discardableResult
    mutating func send(_ message: some WireMessage) throws -> UInt64 {
        try send(bytes: try message.encoded())
    }

    /// Sends the bytes of a message, as ``send(_:)``.
    @discardableResult
    mutating func send(bytes: MessageBytes) throws -> UInt64 {
        try orders.send(["request": "send", "bytes": .text(bytes.description)])
        var at: UInt64?
        while let answer = try orders.nextAnswer() { at = Self.microseconds(answer) ?? at }
        guard let at else { throw ControlError("the daemon at \(path) does not tell when it sent; update it") }
        return at
    }

    /// The next message that reached the daemon's node; nil if none came in time, or if a signal was caught.
    mutating func next(before deadline: ContinuousClock.Instant) throws -> Delivery? {
        while let event = try events.nextAnswer(before: deadline) {
            guard event.kind == "event", event.text("trace") == "delivered", let at = Self.microseconds(event),
                let bytes = Hex.decode(event.text("bytes")), bytes.count <= 200
            else { continue }
            return Delivery(message: MessageBytes(bytes), at: at)
        }
        return nil
    }

    /// Lets go of what has come meanwhile, so that nothing new is lost behind it.
    mutating func forget() throws {
        while try next(before: .now + .milliseconds(1)) != nil {}
    }

    private static func microseconds(_ answer: ControlAnswer) -> UInt64? {
        Double(answer.text("at_s")).map { UInt64(($0 * 1_000_000).rounded()) }
    }

    /// Sends a message that all nodes answer and takes their answers until there is nothing to wait for or the time is up.
    ///
    /// It is sent once more at half time: a message to all is not repeated by the mesh if it is lost.
    mutating func collect(
        _ request: some WireMessage,
        for time: Duration,
        until isDone: (MessageBytes) -> Bool
    ) throws {
        let begin = ContinuousClock.now
        for deadline in [begin + time / 2, begin + time] {
            try send(request)
            while let delivery = try next(before: deadline) {
                if isDone(delivery.message) { return }
            }
        }
    }
}
