import ArgumentParser
import Glibc
import LinuxSystem

/// The process that is all the clients: one thread, so at most one core.
enum ClientPart {
    /// Requests of a client that are under way.
    private static let window = 4

    /// - Throws: an exit code of 1 if answers are missing.
    static func run(folder: String, count: Int, seconds: Double) throws {
        var clients: [Int32] = []
        var states: [Int32: (sent: Int, ended: Int, malformed: Int, rest: [UInt8])] = [:]
        for _ in 0..<count {
            let number = try connect(folder + "/control.sock")
            clients.append(number)
            states[number] = (0, 0, 0, [])
        }
        let end = ContinuousClock.now + .seconds(seconds)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var isOver = false
        while true {
            isOver = isOver || ContinuousClock.now >= end
            var open = false
            for number in clients {
                guard var state = states[number] else { continue }
                if !isOver { try ask(number, &state.sent, &state.malformed, ended: state.ended) }
                state.ended += take(number, &state.rest, &buffer)
                open = open || state.ended < state.sent
                states[number] = state
            }
            if isOver, !open { break }
            if isOver, ContinuousClock.now > end + .seconds(10) { break }
        }
        let sent = states.values.reduce(0) { $0 + $1.sent }
        let ended = states.values.reduce(0) { $0 + $1.ended }
        let malformed = states.values.reduce(0) { $0 + $1.malformed }
        let rate = Int(Double(ended) / seconds)
        print(
            "\(count) clients on one core: \(sent) requests, \(malformed) of them malformed, \(ended) answers, \(rate) a second"
        )
        guard sent == ended else { throw ExitCode(1) }
    }

    private static func connect(_ path: String) throws -> Int32 {
        let descriptor = try Endpoint.connect(unix: path)
        // It is open until the process ends.
        let number = dup(descriptor.rawValue)
        guard number >= 0 else { throw SystemError("dup") }
        return number
    }

    /// Fills the window: status, links, and now and then something that is no request.
    private static func ask(_ number: Int32, _ sent: inout Int, _ malformed: inout Int, ended: Int) throws {
        while sent - ended < window {
            let line: String
            switch sent % 16 {
            case 7:
                line = "{\"id\":\(sent),\"request\":\"dance\"}\n"
                malformed += 1
            case 15:
                line = "\u{1}}{ nonsense \(sent)\n"
                malformed += 1
            case let turn: line = "{\"id\":\(sent),\"request\":\"\(turn % 2 == 0 ? "status" : "links")\"}\n"
            }
            let bytes = Array(line.utf8)
            // A line fits, or none of it does: the buffer of a socket is far bigger than the window.
            guard send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return }
            sent += 1
        }
    }

    /// Reads what is there.
    ///
    /// - Returns: the answers that ended with it.
    private static func take(_ number: Int32, _ rest: inout [UInt8], _ buffer: inout [UInt8]) -> Int {
        let count = read(number, &buffer, buffer.count)
        guard count > 0 else { return 0 }
        rest += buffer[..<count]
        guard let last = rest.lastIndex(of: UInt8(ascii: "\n")) else { return 0 }
        let lines = rest[..<last].split(separator: UInt8(ascii: "\n"))
        rest.removeFirst(last + 1)
        return lines.count { line in
            line.starts(with: Array(#"{"schema":1,"kind":"done""#.utf8))
                || line.starts(with: Array(#"{"schema":1,"kind":"error""#.utf8))
        }
    }
}
