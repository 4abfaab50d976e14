import Glibc
import LinuxSystem
import MeshTerminal
import RadioPort

/// One user of the terminal: a stream of typed lines and of printed ones, with a mode and a corruption check of its own.
final class TerminalClient {
    /// Where it comes from.
    enum Stream {
        /// Standard input and output.
        case standard
        /// A connection over TCP.
        case connection(SharedDescriptor)
        /// A pseudo terminal, which stays when its users go.
        case line(PseudoTerminal)
    }

    /// Bytes that wait for a client to read them; further lines are lost, and it is told how many.
    private static let backlogMax = 65_536
    private static let readSize = 4096

    /// The language.
    var terminal: Terminal
    /// Lines of the log that it wants.
    var log = TerminalLogSelection.none
    /// Tags that it switched on one by one.
    var logTags: Set<String> = []
    /// Whether the line before is still being carried out.
    var isBusy = false
    /// Whether no more is typed.
    private(set) var hasEnded = false
    /// Whether nobody is there any more.
    private(set) var isGone = false

    private let stream: Stream
    private let loop: EventLoop
    private var watch: EventLoop.Watch?
    private var leaveTimer: EventLoop.Timer?
    private var typed = TypedLines()
    private var output: [UInt8] = []
    private var lost = 0
    private let changed: (TerminalClient) -> Void

    /// A client from which nothing is read yet.
    ///
    /// - Parameters:
    ///   - stream: where it comes from.
    ///   - terminal: its terminal.
    ///   - loop: the thread.
    ///   - changed: called when a line may be there, and at the end.
    init(
        _ stream: Stream,
        _ terminal: Terminal,
        loop: EventLoop,
        changed: @escaping (TerminalClient) -> Void
    ) {
        self.stream = stream
        self.terminal = terminal
        self.loop = loop
        self.changed = changed
    }

    deinit { forgetLoop() }

    /// Begins to read.
    ///
    /// - Throws: `SystemError` if the descriptor cannot be waited for.
    func start() throws(SystemError) {
        prompt()
        do throws(SystemError) {
            watch = try loop.watch(input, for: .reading) { [unowned self] ready in
                if ready.canWrite { flush() }
                if ready.canRead { read() }
                if ready.isBroken, isConnection { close() }
            }
        } catch {
            // A file is always ready.
            guard error.code == EPERM, case .standard = stream else { throw error }
            readFile()
        }
    }

    private var input: Int32 {
        switch stream {
        case .standard: STDIN_FILENO
        case .connection(let socket): socket.descriptor.rawValue
        case .line(let terminal): terminal.descriptor.rawValue
        }
    }

    private var isConnection: Bool { if case .connection = stream { true } else { false } }

    // MARK: - Typed lines

    /// The next line, unless the one before is being carried out.
    func nextLine() -> String? {
        guard !isBusy else { return nil }
        defer { updateInterest() }
        return typed.next()
    }

    private func read() {
        guard !hasEnded else { return }
        var buffer = [UInt8](repeating: 0, count: Self.readSize)
        let count = Glibc.read(input, &buffer, buffer.count)
        if count > 0 {
            echo(buffer[..<count])
            typed.add(buffer[..<count])
        } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
            end()
        }
        updateInterest()
        changed(self)
    }

    /// The whole of standard input that is a file, a piece at each turn.
    private func readFile() {
        loop.post { [weak self] in
            guard let self, !hasEnded else { return }
            if typed.backlog < Self.readSize { read() }
            readFile()
        }
    }

    private func end() {
        hasEnded = true
        typed.end()
        if !isConnection { stopWatching() }
    }

    private func updateInterest() {
        guard let watch else { return }
        var interest: EventLoop.Interest = []
        // What one client types ahead waits in its own stream.
        if !hasEnded, typed.backlog < Self.readSize { interest.insert(.reading) }
        if !output.isEmpty { interest.insert(.writing) }
        loop.change(watch, to: interest)
    }

    // MARK: - Printed lines

    /// Prints a line, with the line end of nodes.
    func print(_ line: String) {
        guard !isGone else { return }
        if output.count + line.utf8.count > Self.backlogMax {
            lost += 1
            return
        }
        if lost > 0, output.isEmpty {
            let text = "\(lost) lines were lost: read faster"
            lost = 0
            print(terminal.printed(json: MeshJSON.log(tag: "WARNING", file: "terminal", line: 0, message: text)))
        }
        write(Array((line + "\r\n").utf8))
    }

    /// Asks for a line, from people.
    func prompt() {
        if terminal.mode == .prompt { write(Array(Terminal.prompt.utf8)) }
    }

    /// On a line of its own nobody else shows what is typed.
    private func echo(_ bytes: ArraySlice<UInt8>) {
        guard case .line = stream, terminal.mode == .prompt else { return }
        write(bytes.flatMap { $0 == UInt8(ascii: "\r") ? [$0, UInt8(ascii: "\n")] : [$0] })
    }

    private func write(_ bytes: [UInt8]) {
        if case .standard = stream { return Console.text(String(decoding: bytes, as: UTF8.self)) }
        output += bytes
        flush()
    }

    private func flush() {
        do throws(SystemError) {
            while !output.isEmpty {
                let count: Int
                switch stream {
                case .standard: return
                case .connection(let socket): count = try socket.descriptor.send(output[...])
                case .line(let terminal): count = try terminal.descriptor.write(output[...])
                }
                guard count > 0 else { break }
                output.removeFirst(count)
            }
        } catch {
            return close()
        }
        updateInterest()
    }

    private func stopWatching() {
        if let watch { loop.unwatch(watch) }
        watch = nil
    }

    private func forgetLoop() {
        stopWatching()
        if let leaveTimer { loop.remove(leaveTimer) }
    }

    /// Closes in a while; until then answers are printed.
    func leave(in time: Duration) {
        guard leaveTimer == nil else { return }
        let timer = loop.timer { [unowned self] in close() }
        leaveTimer = timer
        loop.set(timer, at: loop.now.advanced(byMicroseconds: UInt64(time / .microseconds(1))))
    }

    /// Nobody is there any more.
    func close() {
        forgetLoop()
        guard !isGone else { return }
        isGone = true
        hasEnded = true
        changed(self)
    }
}

extension TerminalClient {
    /// Prints an event as a line of the log if the client asked for that.
    func print(log tag: String, _ message: String) {
        let isWanted =
            switch log {
            case .all: true
            case .none, .toggle: logTags.contains(tag)
            }
        guard isWanted else { return }
        print(terminal.printed(json: MeshJSON.log(tag: tag, file: "node", line: 0, message: message)))
    }

    /// Chooses which lines of the log are printed.
    func choose(_ selection: TerminalLogSelection) {
        switch selection {
        case .all: log = .all
        case .none:
            log = .none
            logTags = []
        case .toggle(let tag):
            if logTags.remove(tag) == nil { logTags.insert(tag) }
        }
    }

    /// Whether any line of the log may be wanted.
    var wantsLog: Bool { log == .all || !logTags.isEmpty }
}
