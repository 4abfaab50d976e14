import ByteCoding
import Glibc
import LinuxSystem
import MeshControl
import MeshCore
import MeshTerminal
import MeshWire
import RadioPort

/// The terminal of a node for several clients at a time, by way of the control socket (protocol §11).
///
/// ```
///  client ── line ──► Terminal ── requests ──► control socket
///    ▲                                              │
///    ├──── acknowledgement ◄──── end of answer ◄────┤
///  all clients ◄── JSON lines ◄──── events ◄────────┘
/// ```
///
/// What reaches or happens to the node is printed to every client, as on several readers of one serial line; the acknowledgement
/// of a command goes to the client that typed it, and so does the text that a command asks for. A client's next line is read
/// once the one before was carried out.
final class TerminalPort {
    /// Clients at a time; further ones are turned away.
    static let clientsMax = 8

    private let loop: EventLoop
    private let link: ControlLink
    private let mode: TerminalMode
    private let lingering: Duration
    private let status: ControlAnswer
    private var lines: NodeLines
    private var clients: [TerminalClient] = []
    private var listener: SharedDescriptor?
    private var listenerWatch: EventLoop.Watch?
    private var hearsAll = false
    private var endsWithClients = false
    /// Why it ended, if nobody asked for it.
    private(set) var failure: ControlError?

    /// The terminal of the node at a control socket.
    ///
    /// - Parameters:
    ///   - path: the control socket.
    ///   - mode: how clients begin.
    ///   - lingering: how long answers are waited for when a client types no more.
    ///   - loop: the thread; it is stopped when there is nothing left to do.
    /// - Throws: ``ControlError`` if the daemon cannot be reached.
    init(path: String, mode: TerminalMode, lingering: Duration, loop: EventLoop) throws {
        self.loop = loop
        self.mode = mode
        self.lingering = lingering
        link = try ControlLink(path: path, loop: loop)
        var client = try ControlClient(path: path)
        guard let status = try client.ask("status").first, UInt16(status.text("node")) != nil,
            UInt32(status.text("firmware")) != nil
        else {
            throw ControlError("the daemon at \(path) does not tell its node; update it")
        }
        self.status = status
        lines = NodeLines(status: status, links: try client.ask("links"))
        link.event = { [unowned self] in heard($0) }
        link.lost = { [unowned self] error in
            failure = error
            loop.stop()
        }
        link.monitor(NodeLines.events) { _ in }
    }

    deinit {
        if let listenerWatch { loop.unwatch(listenerWatch) }
    }

    private var node: NodeID { NodeID(UInt16(status.text("node")) ?? 0) }

    private var milliseconds: UInt64 { loop.now.microseconds / 1000 }

    // MARK: - Clients

    /// Serves standard input; everything ends with it.
    func serveStandardInput() throws {
        endsWithClients = true
        try add(.standard)
    }

    /// Serves a serial line of its own.
    ///
    /// - Returns: the path that programs open.
    func servePseudoTerminal() throws -> String {
        let terminal = try PseudoTerminal()
        try add(.line(terminal))
        return terminal.path
    }

    /// Serves programs on this machine over TCP.
    ///
    /// - Returns: the port.
    func serve(port: UInt16) throws(ControlError) -> UInt16 {
        do throws(SystemError) {
            let (socket, port) = try Endpoint.listen(localPort: port)
            listenerWatch = try loop.watch(socket.descriptor.rawValue, for: .reading) { [unowned self] _ in accept() }
            listener = socket
            return port
        } catch {
            throw ControlError("cannot listen on TCP port \(port): \(error.reason); choose another with --tcp")
        }
    }

    private func accept() {
        guard let listener else { return }
        do throws(SystemError) {
            while let descriptor = try Endpoint.accept(listener.descriptor) {
                guard clients.count < Self.clientsMax else {
                    let refusal = MeshJSON.log(
                        tag: "ERROR",
                        file: "terminal",
                        line: 0,
                        message: "too many clients, at most \(Self.clientsMax)"
                    )
                    _ = try descriptor.send(Array((refusal + "\r\n").utf8)[...])
                    continue
                }
                try add(.connection(SharedDescriptor(descriptor)))
            }
        } catch {
            Console.note("warning: a client could not be served: \(error)")
        }
    }

    private func add(_ stream: TerminalClient.Stream) throws(SystemError) {
        let terminal = Terminal(
            mode: mode,
            ownNodeID: node,
            isSink: status.text("sink") == "true",
            commandSet: .full
        )
        let client = TerminalClient(stream, terminal, loop: loop) { [unowned self] in attend(to: $0) }
        clients.append(client)
        try client.start()
    }

    /// Carries out what a client typed, a line after the other, and sees it off.
    private func attend(to client: TerminalClient) {
        if client.isGone { return remove(client) }
        if let line = client.nextLine() { return run(line, for: client) }
        guard client.hasEnded, !client.isBusy else { return }
        // Answers of other nodes may still be on their way.
        client.leave(in: lingering)
    }

    private func remove(_ client: TerminalClient) {
        clients.removeAll { $0 === client }
        if endsWithClients, clients.isEmpty { loop.stop() }
    }

    // MARK: - Commands

    private func run(_ line: String, for client: TerminalClient) {
        client.isBusy = true
        let outcome = client.terminal.accept(line: line, atMilliseconds: milliseconds)
        for line in outcome.lines { client.print(line) }
        perform(outcome.requests[...], for: client) { [unowned self] refusal in
            if let refusal {
                let text = MeshJSON.log(tag: "ERROR", file: "terminal", line: 0, message: refusal.text)
                client.print(client.terminal.printed(json: text))
                client.print(client.terminal.refusal(of: line, .internalError))
            } else if let acknowledgement = outcome.acknowledgement {
                client.print(acknowledgement)
            }
            client.isBusy = false
            client.prompt()
            loop.post { [unowned self] in attend(to: client) }
        }
    }

    /// Carries out requests, one after the other, up to the first that is refused.
    private func perform(
        _ requests: ArraySlice<TerminalRequest>,
        for client: TerminalClient,
        _ end: @escaping (ControlError?) -> Void
    ) {
        guard let request = requests.first else { return end(nil) }
        let next: (ControlLink.Answer) -> Void = { [unowned self] answer in
            switch answer {
            case .success: perform(requests.dropFirst(), for: client, end)
            case .failure(let error): end(error)
            }
        }
        switch request {
        case .send(let message): send(message, next)
        case .setTime(let unix, let offset):
            link.send(
                ["request": "set_time", "seconds": .unsigned(UInt64(unix)), "offset_min": .integer(Int64(offset))],
                next
            )
        case .reset(let time): link.send(["request": "reset", "after_s": .number(Double(time) / 10)], next)
        case .discovery(let isEnabled): link.send(["request": "discovery", "running": .bool(isEnabled)], next)
        case .disconnectAll: link.send(["request": "disconnect"], next)
        case .disconnect(let handle): link.send(["request": "disconnect", "link": .unsigned(UInt64(handle))], next)
        case .printTime: tell(client, Self.time, next)
        case .printStatus: tell(client, Status.lines, next)
        case .printPluggedIn: tell(client, Self.pluggedIn(by: client.terminal), next)
        case .printJoinMeBuffer: send(debug: .getJoinMeBuffer, next)
        case .log(let selection):
            client.choose(selection)
            guard client.wantsLog, !hearsAll else { return next(.success([])) }
            hearsAll = true
            link.monitor([], next)
        case .printAdvertisingJobs, .printScanJobs, .toggleScanLog, .disconnectRadio, .connectMeshAccess,
            .logMeshAccess,
            .scanBoost:
            end(ControlError("this node does not offer that"))
        }
    }

    /// Sends a message as it is; only one that names another sender needs a right of its own.
    private func send(_ message: MessageBytes, _ next: @escaping (ControlLink.Answer) -> Void) {
        let isOwn = (try? MessageHeader(bytes: message))?.sender == node
        link.send(["request": isOwn ? "send" : "send_raw", "bytes": .text(message.description)], next)
    }

    private func send(debug question: DebugMessage, _ next: @escaping (ControlLink.Answer) -> Void) {
        let message = ModuleMessage(sender: node, receiver: node, content: .debug(question))
        guard let bytes: MessageBytes = try? message.encoded() else { return next(.success([])) }
        send(bytes, next)
    }

    // MARK: - What only the asking client is told

    /// Prints lines made of the node's status.
    private func tell(
        _ client: TerminalClient,
        _ lines: @escaping (ControlAnswer) -> [String],
        _ next: @escaping (ControlLink.Answer) -> Void
    ) {
        link.send(["request": "status"]) { answer in
            if case .success(let objects) = answer, let status = objects.first {
                for line in lines(status) { client.print(line) }
            }
            next(answer)
        }
    }

    private static func time(_ status: ControlAnswer) -> [String] {
        let time = UInt32(status.text("network_time"))
        let uptime = Double(status.text("uptime_s")).map { UInt32($0) } ?? 0
        let offset = Int16(status.text("time_offset_min")) ?? 0
        return [TerminalText.time(unix: time ?? uptime, offsetMinutes: offset, isSet: time != nil, ticks: 0)]
    }

    private static func pluggedIn(by terminal: Terminal) -> (ControlAnswer) -> [String] {
        { status in
            let line = MeshJSON.pluggedIn(
                node: terminal.ownNodeID,
                serialNumber: (try? SerialNumber(parsing: status.text("serial"))) ?? .invalid,
                version: UInt32(status.text("firmware")) ?? 0
            )
            return [terminal.printed(json: line)]
        }
    }

    // MARK: - Events

    private func heard(_ event: ControlAnswer) {
        let name = event.text("trace")
        if event.kind == "gap" {
            let text = "\(event.text("lost")) events were lost"
            return print(MeshJSON.log(tag: "WARNING", file: "terminal", line: 0, message: text))
        }
        if name == "delivered" { return delivered(event) }
        for line in lines.lines(for: event) { print(line) }
        let words = event.words(without: ["schema", "kind", "at_s", "trace", "id"])
        for client in clients { client.print(log: name, words) }
    }

    private func delivered(_ event: ControlAnswer) {
        guard let bytes = Hex.decode(event.text("bytes")), bytes.count <= Limits.messageBytes else { return }
        let message = MessageBytes(bytes)
        let now = milliseconds
        for client in clients {
            if let line = client.terminal.line(for: message, atMilliseconds: now) { client.print(line) }
        }
    }

    /// Prints a JSON line to everybody.
    private func print(_ line: String) {
        for client in clients { client.print(client.terminal.printed(json: line)) }
    }
}
