import Glibc
import LinuxSystem
import Testing

/// Ports and serial lines for programs of this machine.
@Suite struct PseudoTerminalTests {
    /// Reads so many bytes, waiting for them.
    private static func read(_ count: Int, from descriptor: borrowing FileDescriptor) throws -> String {
        var text: [UInt8] = []
        while text.count < count {
            var poll = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
            try #require(Glibc.poll(&poll, 1, 5000) == 1)
            var buffer = [UInt8](repeating: 0, count: 100)
            let read = try descriptor.read(into: &buffer) ?? 0
            text += buffer[..<read]
        }
        return String(decoding: text, as: UTF8.self)
    }

    @Test func whatOneEndWritesTheOtherReadsUnchanged() throws {
        let terminal = try PseudoTerminal()
        // Whoever opens it may go, and another may come.
        for text in ["a\r\n\u{3}\u{4}b", "again\r"] {
            let far = try Endpoint.open(terminal: terminal.path)
            try far.writeAll(Array(text.utf8))
            #expect(try Self.read(text.utf8.count, from: terminal.descriptor) == text)
            try terminal.descriptor.writeAll(Array(text.utf8))
            #expect(try Self.read(text.utf8.count, from: far) == text)
        }
        // Nobody is there: nothing to read, and no error.
        var buffer = [UInt8](repeating: 0, count: 10)
        let nothing = try terminal.descriptor.read(into: &buffer)
        #expect(nothing == nil)
    }

    @Test func aPortThatIsFreeIsFoundAndHeld() throws {
        let (socket, port) = try Endpoint.listen(localPort: 0)
        #expect(port > 0)
        let client = try Endpoint.connect(host: "127.0.0.1", port: port)
        guard let server = try Endpoint.accept(socket.descriptor) else {
            Issue.record("the connection does not arrive")
            return
        }
        try server.writeAll(Array("here".utf8))
        #expect(try Self.read(4, from: client) == "here")
        do throws(SystemError) {
            _ = try Endpoint.listen(localPort: port)
            Issue.record("two listen on port \(port)")
        } catch {
            #expect(error.code == EADDRINUSE)
        }
    }
}
