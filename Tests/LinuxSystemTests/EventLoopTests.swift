import Glibc
import LinuxSystem
import RadioPort
import Testing

@Suite struct EventLoopTests {
    private final class Log {
        var lines: [String] = []
    }

    @Test func timersGoOffInOrderAndHandlersMayMoveThem() throws {
        let loop = try EventLoop()
        let log = Log()
        let start = loop.now
        let late = loop.timer { log.lines.append("late") }
        let stopped = loop.timer { log.lines.append("stopped") }
        let early = loop.timer {
            log.lines.append("early")
            loop.set(stopped, at: nil)
        }
        let last = loop.timer {
            log.lines.append("last")
            loop.stop()
        }
        // All are due in one turn.
        loop.set(stopped, at: start.advanced(byMicroseconds: 3))
        loop.set(late, at: start.advanced(byMicroseconds: 2))
        loop.set(early, at: start.advanced(byMicroseconds: 1))
        loop.set(last, at: start.advanced(byMicroseconds: 4))
        usleep(1000)
        try loop.run()
        #expect(log.lines == ["early", "late", "last"])
    }

    @Test func pipeIsReadyAndTellsItsEnd() throws {
        let loop = try EventLoop()
        let log = Log()
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let reading = FileDescriptor(ends[0])
        var writing: FileDescriptor? = FileDescriptor(ends[1])
        let descriptor = reading.rawValue
        let watch = try loop.watch(descriptor, for: .reading) { ready in
            var byte: UInt8 = 0
            let count = read(descriptor, &byte, 1)
            log.lines.append(count == 1 ? "byte \(byte)" : "end \(ready.isBroken)")
        }
        try writing?.writeAll([7])
        try loop.turn(waiting: 1_000_000)
        writing = nil
        try loop.turn(waiting: 1_000_000)
        #expect(log.lines == ["byte 7", "end true"])
        loop.unwatch(watch)
        try loop.turn(waiting: 0)
        #expect(log.lines.count == 2)
    }

    @Test func patientDescriptorsTakeTurnsAndHoldUpNobody() throws {
        let loop = try EventLoop()
        var served: [Int: Int] = [:]
        var urgent = 0
        var open: [Int32] = []
        defer { for end in open { close(end) } }
        // All have a byte that nobody reads: they stay ready.
        for number in 0..<64 {
            var ends: [Int32] = [0, 0]
            #expect(pipe(&ends) == 0)
            #expect(write(ends[1], "x", 1) == 1)
            open += ends
            _ = try loop.watch(ends[0], for: .reading, isPatient: number > 0) { _ in
                if number == 0 { urgent += 1 } else { served[number, default: 0] += 1 }
            }
        }
        for turn in 1...40 {
            let before = served.values.reduce(0, +)
            try loop.turn(waiting: 0)
            #expect(urgent == turn)
            #expect((1...8).contains(served.values.reduce(0, +) - before))
        }
        #expect(served.count == 63)
    }

    @Test func handlerMayUnwatchAnotherOfTheSameTurn() throws {
        let loop = try EventLoop()
        let log = Log()
        var watches: [EventLoop.Watch] = []
        var ends: [[Int32]] = []
        for _ in 0..<2 {
            var pair: [Int32] = [0, 0]
            #expect(pipe(&pair) == 0)
            ends.append(pair)
            watches.append(
                try loop.watch(pair[0], for: .reading) { _ in
                    log.lines.append("ready")
                    for watch in watches { loop.unwatch(watch) }
                }
            )
            #expect(write(pair[1], "x", 1) == 1)
        }
        try loop.turn(waiting: 1_000_000)
        #expect(log.lines == ["ready"])
        for pair in ends { for end in pair { close(end) } }
    }

    @Test func postedWorkRunsAtTheEndOfTheTurn() throws {
        let loop = try EventLoop()
        let log = Log()
        loop.post {
            log.lines.append("first")
            loop.post { log.lines.append("second") }
        }
        try loop.turn(waiting: 1_000_000)
        #expect(log.lines == ["first"])
        // Work waits: the next turn does not.
        try loop.turn(waiting: .max)
        #expect(log.lines == ["first", "second"])
    }

    @Test func descriptorIsClosedWithItsOwner() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        do {
            let reading = FileDescriptor(ends[0])
            #expect(fcntl(reading.rawValue, F_GETFD) >= 0)
        }
        let writing = FileDescriptor(ends[1])
        // Nobody reads any more. The signal that would end the program is ignored for the thread's sake.
        signal(SIGPIPE, SIG_IGN)
        #expect(throws: SystemError("write", code: EPIPE)) { try writing.writeAll([1]) }
    }

    @Test func farDeadlinesAreNoTrouble() throws {
        let loop = try EventLoop()
        let timer = loop.timer {}
        loop.set(timer, at: Instant(microseconds: .max - 1))
        loop.post {}
        try loop.turn(waiting: .max - 1)
        try loop.turn(waiting: 0)
    }

    @Test func errorsNameOperationAndReason() {
        #expect(SystemError("open", code: ENOENT).description == "open: No such file or directory")
    }
}
