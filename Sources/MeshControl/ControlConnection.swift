import LinuxSystem

/// One client at the server's end.
final class ControlConnection {
    private let descriptor: FileDescriptor
    private let limits: ControlServer.Limits
    private let loop: EventLoop
    private let received: (String) -> Void
    private let ended: () -> Void
    private var watch: EventLoop.Watch?
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 4096)
    /// Whether the client subscribed to events.
    private(set) var isMonitoring = false
    private var monitorID: UInt64?
    /// Events that found no room since the last that did.
    private var lost: UInt64 = 0

    init(
        _ descriptor: consuming FileDescriptor,
        limits: ControlServer.Limits,
        loop: EventLoop,
        received: @escaping (String) -> Void,
        ended: @escaping () -> Void
    ) throws(SystemError) {
        let number = descriptor.rawValue
        self.descriptor = descriptor
        self.limits = limits
        self.loop = loop
        self.received = received
        self.ended = ended
        watch = try loop.watch(number, for: .reading) { [unowned self] ready in
            if ready.canWrite { flush() }
            if ready.canRead { read() }
        }
    }

    deinit { unwatch() }

    /// Sends a line of an answer; a client that lets too many of them wait is let go.
    func send(_ object: JSONObject) {
        guard watch != nil else { return }
        output += Array((object.line + "\n").utf8)
        guard output.count <= limits.backlog else { return end() }
        flush()
    }

    /// From now on the client gets every event.
    func monitor(id: UInt64?) {
        isMonitoring = true
        monitorID = id
        send(JSONObject(kind: "monitoring").with(id: id))
    }

    /// Sends an event if the client wants it and there is room; else it is counted.
    func publish(_ event: JSONObject) {
        guard isMonitoring, watch != nil else { return }
        // Half the room is kept for answers.
        guard output.count < limits.backlog / 2 else {
            lost += 1
            return
        }
        if lost > 0 {
            var gap = JSONObject(kind: "gap")
            gap.append("lost", .unsigned(lost))
            lost = 0
            send(gap.with(id: monitorID))
        }
        send(event.with(id: monitorID))
    }

    private func read() {
        do throws(SystemError) {
            guard let count = try descriptor.read(into: &buffer) else { return }
            guard count > 0 else { return end() }
            input += buffer[..<count]
        } catch {
            return end()
        }
        while let newline = input.firstIndex(of: UInt8(ascii: "\n")), newline <= limits.request {
            let line = String(decoding: input[..<newline], as: UTF8.self)
            input.removeFirst(newline + 1)
            if !line.isEmpty { received(line) }
            guard watch != nil else { return }
        }
        if input.count > limits.request {
            send(.error("a request has at most \(limits.request) bytes", id: nil))
            end()
        }
    }

    private func flush() {
        while !output.isEmpty {
            do throws(SystemError) {
                let count = try descriptor.write(output[...])
                guard count > 0 else { break }
                output.removeFirst(count)
            } catch {
                return end()
            }
        }
        if let watch { loop.change(watch, to: output.isEmpty ? .reading : [.reading, .writing]) }
    }

    private func unwatch() {
        if let watch { loop.unwatch(watch) }
        watch = nil
    }

    private func end() {
        guard watch != nil else { return }
        unwatch()
        // Whoever calls may be inside this object: it must live until the turn is over.
        loop.post(ended)
    }
}
