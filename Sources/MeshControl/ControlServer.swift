import Glibc
package import LinuxSystem
import MeshConfiguration
import RadioPort

/// The control socket of one node: JSON lines over a UNIX stream socket.
///
/// Every request is answered by any number of objects and a last one of kind `done` or `error`, all with the id of the
/// request; a subscription goes on until the client leaves. A client that does not read loses events, never the node's time:
/// what it lost is counted in an object of kind `gap`. A client that asks without reading the answers is disconnected.
package final class ControlServer {
    /// Bounds of a server.
    package struct Limits: Sendable {
        /// Clients at one time; further ones are refused with an error.
        package var clients = 16
        /// Bytes that wait for a client to read them.
        package var backlog = 262_144
        /// Bytes of a request.
        package var request = 8192

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
    package func publish(_ event: JSONObject) {
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
                    let refusal = JSONObject.error("too many clients, at most \(limits.clients)", id: nil)
                    _ = try descriptor.write(Array((refusal.line + "\n").utf8)[...])
                    continue
                }
                lastClient += 1
                let number = lastClient
                clients[number] = try ControlConnection(
                    descriptor,
                    limits: limits,
                    loop: loop,
                    received: { [unowned self] line in received(line, from: number) },
                    ended: { [unowned self] in clients[number] = nil }
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

    private func received(_ line: String, from number: UInt64) {
        guard let client = clients[number] else { return }
        let request: ControlRequest
        do throws(ConfigurationError) {
            request = try ControlRequest(line: line)
        } catch {
            malformedRequests += 1
            client.send(.error(error.message, id: ControlRequest.id(of: line)))
            return
        }
        if request.verb == .monitor {
            client.monitor(id: request.id)
            return
        }
        do throws(ControlError) {
            for object in try source.answer(request.verb) { client.send(object.with(id: request.id)) }
            client.send(JSONObject(kind: "done").with(id: request.id))
        } catch {
            client.send(.error(error.text, id: request.id))
        }
    }
}

extension JSONObject {
    /// The object with the id of the request that it answers, if that had one.
    func with(id: UInt64?) -> JSONObject {
        guard let id else { return self }
        var object = self
        object.append("id", .unsigned(id))
        return object
    }

    static func error(_ text: String, id: UInt64?) -> JSONObject {
        var object = JSONObject(kind: "error")
        object.append("text", text: text)
        return object.with(id: id)
    }
}
