import Glibc
import LinuxSystem
import MeshConfiguration

/// A client of the control socket that waits for its answers.
package struct ControlClient: ~Copyable {
    private let descriptor: FileDescriptor
    private let path: String
    private var input: [UInt8] = []

    /// Connects.
    ///
    /// - Throws: ``ControlError`` that names the socket and the way out.
    package init(path: String) throws(ControlError) {
        self.path = path
        descriptor = try Self.connect(to: path)
    }

    /// Opens the connection.
    static func connect(to path: String) throws(ControlError) -> FileDescriptor {
        do throws(SystemError) {
            return try Endpoint.connect(unix: path)
        } catch {
            throw unreachable("cannot reach the daemon at \(path): \(explain(error))")
        }
    }

    private static func unreachable(_ text: String) -> ControlError { ControlError(text, isUnreachable: true) }

    private static func explain(_ error: SystemError) -> String {
        switch error.code {
        case ENOENT, ECONNREFUSED:
            "it is not running; start it with 'systemctl start thicketd@hci0' or 'thicketd --config FILE'"
        case EACCES: "permission denied; join the group 'thicket' or run as root"
        default: error.reason
        }
    }

    /// Sends a request.
    ///
    /// - Throws: ``ControlError`` if the daemon is gone.
    package func send(_ request: JSONObject) throws(ControlError) {
        var rest = Array((request.line + "\n").utf8)[...]
        do throws(SystemError) {
            while !rest.isEmpty {
                let count = try descriptor.send(rest)
                if count == 0 { wait(for: POLLOUT) }
                rest = rest.dropFirst(count)
            }
        } catch {
            // A daemon that has closed the connection may have said why: it is read next.
            guard error.code == EPIPE else {
                throw Self.unreachable("the daemon at \(path) is gone: \(error.reason)")
            }
        }
    }

    /// The next object from the daemon; nil at the end of the answer.
    ///
    /// - Throws: ``ControlError`` if it refused the request or reading fails.
    package mutating func nextAnswer() throws(ControlError) -> ControlAnswer? {
        guard let line = try nextLine() else { throw Self.unreachable("the daemon at \(path) ended the connection") }
        guard let answer = ControlAnswer(line) else {
            throw ControlError("the daemon at \(path) says what this program does not understand; update both")
        }
        if answer.kind == "error" { throw ControlError(answer.text("text")) }
        return answer.kind == "done" ? nil : answer
    }

    /// The next object from the daemon, as ``nextAnswer()``; nil also if none has come when the time is up, or a signal was caught.
    ///
    /// - Throws: ``ControlError`` if the daemon refused the request or reading fails.
    package mutating func nextAnswer(before deadline: ContinuousClock.Instant) throws(ControlError) -> ControlAnswer? {
        while !input.contains(UInt8(ascii: "\n")) {
            let left = deadline - .now
            guard left > .zero else { return nil }
            // Rounded up: a wait of no time at all would be a busy one.
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
            guard wait(for: POLLIN, atMost: Int32(clamping: milliseconds)) else { return nil }
            guard try readSome() else { break }
        }
        return try nextAnswer()
    }

    /// Asks something and takes the whole answer.
    ///
    /// - Throws: ``ControlError`` as ``nextAnswer()``.
    package mutating func ask(_ request: String) throws(ControlError) -> [ControlAnswer] {
        try send(["request": .text(request)])
        var answers: [ControlAnswer] = []
        while let answer = try nextAnswer() { answers.append(answer) }
        return answers
    }

    /// The next line from the daemon, as text; nil if the daemon ended the connection.
    ///
    /// - Throws: ``ControlError`` if reading fails.
    private mutating func nextLine() throws(ControlError) -> String? {
        while true {
            if let newline = input.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: input[..<newline], as: UTF8.self)
                input.removeFirst(newline + 1)
                return line
            }
            guard try readSome() else { return nil }
        }
    }

    /// Reads what there is, waiting for it; false at the end.
    private mutating func readSome() throws(ControlError) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        do throws(SystemError) {
            while true {
                guard let count = try descriptor.read(into: &buffer) else {
                    wait(for: POLLIN)
                    continue
                }
                input += buffer[..<count]
                return count > 0
            }
        } catch {
            throw Self.unreachable("the daemon at \(path) is gone: \(error.reason)")
        }
    }

    /// Waits; false if the time passed, in milliseconds, -1 for any time, or a signal was caught.
    @discardableResult
    private func wait(for events: Int32, atMost milliseconds: Int32 = -1) -> Bool {
        var poll = pollfd(fd: descriptor.rawValue, events: Int16(events), revents: 0)
        return Glibc.poll(&poll, 1, milliseconds) > 0
    }
}
