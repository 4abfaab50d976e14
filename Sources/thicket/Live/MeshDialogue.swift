import ByteCoding
import MeshControl
import MeshWire

/// Sends messages to nodes of the mesh and hears their answers, by way of a daemon.
struct MeshDialogue: ~Copyable {
    private var events: ControlClient
    private var orders: ControlClient

    /// Begins to listen.
    ///
    /// - Throws: ``ControlError`` if the daemon cannot be reached.
    init(path: String) throws {
        var events = try ControlClient(path: path)
        try events.send(["request": "monitor"])
        while try events.nextAnswer()?.kind != "monitoring" {}
        let orders = try ControlClient(path: path)
        self.events = events
        self.orders = orders
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
    mutating func send(_ message: some WireMessage) throws {
        let bytes: MessageBytes = try message.encoded()
        try orders.send(["request": "send", "bytes": .text(bytes.description)])
        while try orders.nextAnswer() != nil {}
    }

    /// The next message that reached the daemon's node; nil if none came in time.
    mutating func next(before deadline: ContinuousClock.Instant) throws -> MessageBytes? {
        while let event = try events.nextAnswer(before: deadline) {
            guard event.kind == "event", event.text("trace") == "delivered",
                let bytes = Hex.decode(event.text("bytes")), bytes.count <= 200
            else { continue }
            return MessageBytes(bytes)
        }
        return nil
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
            while let message = try next(before: deadline) {
                if isDone(message) { return }
            }
        }
    }
}
