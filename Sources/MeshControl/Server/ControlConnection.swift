import LinuxSystem

/// One client at the server's end: bytes in, requests out, and the other way round.
///
/// Not read from while a request waits or answers do: a client that asks faster than it is served, or that does not read, holds
/// up nobody but itself.
final class ControlConnection {
    /// Answers that may be open at a time.
    private static let openAnswers = 8

    /// What the client may do.
    let rights: ControlRights
    private let descriptor: FileDescriptor
    private let limits: ControlServer.Limits
    private let loop: EventLoop
    private let changed: () -> Void
    private var watch: EventLoop.Watch?
    private var input: [UInt8] = []
    /// How much of the input was searched for the end of a request.
    private var searched = 0
    private var output: [UInt8] = []
    /// How much of the output is written.
    private var written = 0
    private var buffer = [UInt8](repeating: 0, count: 4096)
    private var subscription: (filter: EventFilter, id: UInt64?)?
    /// Events that found no room since the last that did.
    private var lost: UInt64 = 0
    private var answersUnderWay = 0

    /// - Parameters:
    ///   - descriptor: the client's end.
    ///   - rights: what it may do.
    ///   - limits: bounds.
    ///   - loop: the thread that serves.
    ///   - changed: called when there may be a request to take, or the client is gone; it must do neither at once.
    /// - Throws: ``SystemError`` if the client cannot be watched.
    init(
        _ descriptor: consuming FileDescriptor,
        rights: ControlRights,
        limits: ControlServer.Limits,
        loop: EventLoop,
        changed: @escaping () -> Void
    ) throws(SystemError) {
        let number = descriptor.rawValue
        self.descriptor = descriptor
        self.rights = rights
        self.limits = limits
        self.loop = loop
        self.changed = changed
        watch = try loop.watch(number, for: .reading, isPatient: true) { [unowned self] ready in
            if ready.canWrite { flush() }
            if ready.canRead { read() }
            update()
        }
    }

    deinit { disconnect() }

    /// Whether the client is there.
    var isConnected: Bool { watch != nil }

    /// Whether the client subscribed to events.
    var isMonitoring: Bool { subscription != nil }

    private var waiting: Int { output.count - written }

    /// Whether less than half of what may wait for the client does.
    var hasRoom: Bool { waiting < limits.backlog / 2 }

    // MARK: - Requests

    /// Whether a request waits that may be served now.
    var hasRequest: Bool {
        isConnected && requestEnd != nil && hasRoom && answersUnderWay < Self.openAnswers
    }

    private var requestEnd: Int? {
        input.isEmpty ? nil : input[searched...].firstIndex(of: UInt8(ascii: "\n"))
    }

    /// The request that waits longest; its answer has to be ended with ``endAnswer(with:)``.
    func takeRequest() -> String? {
        guard let end = requestEnd else { return nil }
        let line = String(decoding: input[..<end], as: UTF8.self)
        input.removeFirst(end + 1)
        searched = 0
        if !line.isEmpty { answersUnderWay += 1 }
        return line
    }

    /// Goes on reading if nothing waits any more.
    func update() {
        guard let watch else { return changed() }
        if hasRequest { changed() }
        var interest: EventLoop.Interest = []
        if requestEnd == nil { interest.insert(.reading) }
        if waiting > 0 { interest.insert(.writing) }
        loop.change(watch, to: interest)
    }

    // MARK: - Answers

    /// Sends a line of an answer.
    func send(_ object: JSONObject) {
        guard isConnected else { return }
        output += Array((object.line + "\n").utf8)
        flush()
    }

    /// Sends the last line of an answer.
    func endAnswer(with object: JSONObject) {
        answersUnderWay -= 1
        send(object)
        update()
    }

    // MARK: - Events

    /// From now on the client gets events.
    func subscribe(_ filter: EventFilter, id: UInt64?, past: [ControlEvent]) {
        subscription = (filter, id)
        send(JSONObject(kind: "monitoring").with(id: id))
        for event in past { publish(event) }
    }

    /// Sends an event if the client wants it and there is room; else it is counted.
    func publish(_ event: ControlEvent) {
        guard let (filter, id) = subscription, isConnected, filter.matches(event) else { return }
        // Half the room is kept for answers.
        guard hasRoom else {
            lost += 1
            return
        }
        if lost > 0 {
            var gap = JSONObject(kind: "gap")
            gap.append("lost", .unsigned(lost))
            lost = 0
            send(gap.with(id: id))
        }
        send(event.object.with(id: id))
        update()
    }

    // MARK: - Bytes

    private func read() {
        do throws(SystemError) {
            guard let count = try descriptor.read(into: &buffer) else { return }
            guard count > 0 else { return disconnect() }
            searched = input.count
            input += buffer[..<count]
        } catch {
            return disconnect()
        }
        guard (requestEnd ?? input.count) > limits.request else { return }
        send(.error("a request has at most \(limits.request) bytes"))
        disconnect()
    }

    private func flush() {
        while waiting > 0 {
            do throws(SystemError) {
                let count = try descriptor.write(output[written...])
                guard count > 0 else { break }
                written += count
            } catch {
                return disconnect()
            }
        }
        guard waiting == 0 || written > 65_536 else { return }
        output.removeFirst(written)
        written = 0
    }

    private func disconnect() {
        if let watch { loop.unwatch(watch) }
        watch = nil
    }
}
