import Glibc
package import LinuxSystem
import MeshConfiguration
import RadioPort

/// The control socket of one node: JSON lines over a UNIX stream socket.
///
/// Every request is answered by any number of objects and a last one of kind `done` or `error`, all with the id of the
/// request; a subscription goes on until the client leaves. A client that does not read loses events, never the node's time:
/// what it lost is counted in an object of kind `gap`. A client that asks without reading the answers is not read from either.
///
/// Clients are served in turn, one request each, and for ``Limits/slice`` at a time: then the loop looks after the node.
package final class ControlServer {
    /// Bounds of a server.
    package struct Limits: Sendable {
        /// Clients at one time; further ones are refused with an error.
        package var clients = 16
        /// Bytes that wait for a client to read them; from half of it on no event is added and no request of it is served.
        package var backlog = 262_144
        /// Bytes of a request.
        package var request = 8192
        /// Microseconds of serving before something else may have its turn.
        package var slice: UInt64 = 300

        /// The usual bounds.
        package init() {}
    }

    private let loop: EventLoop
    private let path: String
    private let limits: Limits
    private let listener: FileDescriptor
    private unowned let source: any ControlSource
    private var watch: EventLoop.Watch?
    private var resumeTimer: EventLoop.Timer?
    private var clients: [UInt64: ControlConnection] = [:]
    private var lastClient: UInt64 = 0
    /// Clients with a request that may be served, in turn.
    private var turns: [UInt64] = []
    private var isServing = false
    /// Requests that could not be read.
    package private(set) var malformedRequests: UInt64 = 0

    /// Whether anybody wants to hear what happens.
    package var isMonitored: Bool { clients.values.contains { $0.isMonitoring } }

    /// Listens at a path.
    ///
    /// A socket that nobody listens on any more is replaced; anything else in the way is an error.
    ///
    /// - Parameters:
    ///   - path: where clients connect.
    ///   - mode: permissions of the socket.
    ///   - limits: bounds.
    ///   - loop: the thread that serves.
    ///   - source: what is served; it must outlive the server.
    /// - Throws: ``ControlError`` that names the path and the way out.
    package init(
        path: String,
        mode: UInt32 = 0o660,
        limits: Limits = Limits(),
        loop: EventLoop,
        source: any ControlSource
    ) throws(ControlError) {
        self.loop = loop
        self.path = path
        self.limits = limits
        self.source = source
        do throws(SystemError) {
            listener = try Self.listen(path, mode)
            watch = try loop.watch(listener.rawValue, for: .reading) { [unowned self] _ in accept() }
        } catch {
            throw ControlError("cannot listen on \(path): \(Self.explain(error))")
        }
        resumeTimer = loop.timer { [unowned self] in resume() }
    }

    deinit {
        if let resumeTimer { loop.remove(resumeTimer) }
        if let watch {
            loop.unwatch(watch)
            unlink(path)
        }
    }

    /// Tells every subscriber what happened.
    package func publish(_ event: ControlEvent) {
        for client in clients.values { client.publish(event) }
    }

    private static func listen(_ path: String, _ mode: UInt32) throws(SystemError) -> FileDescriptor {
        do throws(SystemError) {
            return try Endpoint.listen(unix: path, mode: mode)
        } catch {
            guard error.code == EADDRINUSE, isStaleSocket(path), unlink(path) == 0 else { throw error }
            return try Endpoint.listen(unix: path, mode: mode)
        }
    }

    private static func isStaleSocket(_ path: String) -> Bool {
        var information = stat()
        guard lstat(path, &information) == 0, information.st_mode & S_IFMT == S_IFSOCK else { return false }
        do throws(SystemError) {
            _ = try Endpoint.connect(unix: path)
            return false
        } catch {
            return error.code == ECONNREFUSED
        }
    }

    private static func explain(_ error: SystemError) -> String {
        switch error.code {
        case EADDRINUSE: "another daemon serves it, or a file is in the way; set 'control' to another path"
        case ENOENT: "there is no such folder; create it or set 'control' to another path"
        case EACCES: "permission denied; run as the user that owns the folder or set 'control' to another path"
        case ENAMETOOLONG: "the path is longer than 107 bytes"
        default: error.description
        }
    }

    private func accept() {
        do throws(SystemError) {
            while let descriptor = try Endpoint.accept(listener) {
                guard clients.count < limits.clients else {
                    let refusal = JSONObject.error("too many clients, at most \(limits.clients)")
                    _ = try descriptor.write(Array((refusal.line + "\n").utf8)[...])
                    continue
                }
                lastClient += 1
                let number = lastClient
                let rights = rights(of: descriptor.peerUser)
                clients[number] = try ControlConnection(
                    descriptor,
                    rights: rights,
                    limits: limits,
                    loop: loop,
                    changed: { [unowned self] in attend(to: number) }
                )
            }
        } catch {
            // Out of descriptors: whoever waits goes on waiting, but not at the price of a busy loop.
            pause()
        }
    }

    /// Stops accepting for a second.
    private func pause() {
        if let watch { loop.change(watch, to: []) }
        if let resumeTimer { loop.set(resumeTimer, at: loop.now.advanced(byMicroseconds: 1_000_000)) }
    }

    private func resume() {
        if let watch { loop.change(watch, to: .reading) }
    }

    private func rights(of user: UInt32?) -> ControlRights { user == 0 || user == geteuid() ? .change : .use }

    // MARK: - Serving

    /// A client has a request, or is gone.
    private func attend(to number: UInt64) {
        if !turns.contains(number) { turns.append(number) }
        guard !isServing else { return }
        isServing = true
        loop.post { [unowned self] in serve() }
    }

    private func serve() {
        isServing = false
        let begin = loop.now
        while let number = turns.first, loop.now.microseconds(since: begin) < limits.slice {
            turns.removeFirst()
            guard let client = clients[number] else { continue }
            guard client.isConnected else {
                clients[number] = nil
                continue
            }
            guard client.hasRequest, let line = client.takeRequest() else { continue }
            if !line.isEmpty { answer(line, from: client) }
            client.update()
        }
        guard !turns.isEmpty, !isServing else { return }
        isServing = true
        loop.post { [unowned self] in serve() }
    }

    private func answer(_ line: String, from client: ControlConnection) {
        let request: ControlRequest
        do throws(ConfigurationError) {
            request = try ControlRequest(line: line)
        } catch {
            malformedRequests += 1
            ControlReply(to: client, id: ControlRequest.id(of: line)).fail(ControlError(error.message))
            return
        }
        if case .monitor(let filter) = request.verb {
            let past = filter.past > 0 ? source.events(ofLast: filter.past) : []
            return client.subscribe(filter, id: request.id, past: past)
        }
        let reply = ControlReply(to: client, id: request.id)
        guard request.verb.neededRights == .use || client.rights == .change else {
            return reply.fail(ControlError("permission denied: only root and the user of the daemon may do this"))
        }
        source.answer(request.verb, to: reply)
    }
}
