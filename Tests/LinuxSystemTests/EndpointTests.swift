import Glibc
import LinuxSystem
import Testing

/// Byte streams that are opened and accepted.
@Suite struct EndpointTests {
    /// Runs `body` with a new folder, which is gone afterwards.
    private static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        var template = Array("/tmp/thicket-endpoint-XXXXXX".utf8CString)
        let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer {
            for name in ["socket", "file"] { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        return try body(folder)
    }

    private static func flags(_ descriptor: borrowing FileDescriptor) -> (isNonBlocking: Bool, closesOnExec: Bool) {
        let number = descriptor.rawValue
        return (fcntl(number, F_GETFL) & O_NONBLOCK != 0, fcntl(number, F_GETFD) & FD_CLOEXEC != 0)
    }

    private static func wait(for descriptor: borrowing FileDescriptor) {
        var poll = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        _ = Glibc.poll(&poll, 1, 5000)
    }

    @Test func bytesPassBothWaysOverUnixSockets() throws {
        try Self.withFolder { folder in
            let path = folder + "/socket"
            let listener = try Endpoint.listen(unix: path, mode: 0o600)
            let none = try Endpoint.accept(listener)
            if none != nil { Issue.record("nobody has connected") }
            let client = try Endpoint.connect(unix: path)
            guard let server = try Endpoint.accept(listener) else {
                Issue.record("the connection does not arrive")
                return
            }
            for (sender, text) in [(0, "there"), (1, "and back")] {
                let bytes = Array(text.utf8)
                var buffer = [UInt8](repeating: 0, count: 100)
                let count: Int?
                if sender == 0 {
                    try client.writeAll(bytes)
                    Self.wait(for: server)
                    count = try server.read(into: &buffer)
                } else {
                    try server.writeAll(bytes)
                    Self.wait(for: client)
                    count = try client.read(into: &buffer)
                }
                #expect(count == bytes.count)
                #expect(Array(buffer.prefix(bytes.count)) == bytes)
            }
            var buffer = [UInt8](repeating: 0, count: 1)
            let nothing = try client.read(into: &buffer)
            #expect(nothing == nil)
            #expect(Self.flags(client) == (true, true))
            #expect(Self.flags(server) == (true, true))
            #expect(Self.flags(listener) == (true, true))
        }
    }

    @Test(arguments: [0o600, 0o660, 0o666] as [UInt32])
    func theSocketHasItsModeWhateverTheMaskIs(mode: UInt32) throws {
        try Self.withFolder { folder in
            let path = folder + "/socket"
            let listener = try Endpoint.listen(unix: path, mode: mode)
            var information = stat()
            #expect(lstat(path, &information) == 0)
            #expect(information.st_mode & 0o7777 == mode)
            #expect(information.st_mode & S_IFMT == S_IFSOCK)
            #expect(listener.rawValue >= 0)
        }
    }

    @Test func whatIsInTheWayIsLeftAlone() throws {
        try Self.withFolder { folder in
            let path = folder + "/file"
            let file = FileDescriptor(open(path, O_WRONLY | O_CREAT, 0o600))
            try file.writeAll([1, 2, 3])
            #expect(throws: SystemError("bind", code: EADDRINUSE)) { _ = try Endpoint.listen(unix: path, mode: 0o600) }
            var information = stat()
            #expect(stat(path, &information) == 0)
            #expect(information.st_size == 3)
        }
    }

    @Test func failuresNameOperationAndReason() throws {
        try Self.withFolder { folder in
            let path = folder + "/socket"
            #expect(throws: SystemError("connect", code: ENOENT)) { _ = try Endpoint.connect(unix: path) }
            do { _ = try Endpoint.listen(unix: path, mode: 0o600) }
            // The socket is still there, but nobody listens.
            #expect(throws: SystemError("connect", code: ECONNREFUSED)) { _ = try Endpoint.connect(unix: path) }
            #expect(throws: SystemError("bind", code: ENOENT)) {
                _ = try Endpoint.listen(unix: folder + "/missing/socket", mode: 0o600)
            }
            #expect(throws: SystemError("open", code: ENOENT)) { _ = try Endpoint.open(terminal: folder + "/tty") }
            #expect(throws: SystemError("tcgetattr", code: ENOTTY)) { _ = try Endpoint.open(terminal: "/dev/null") }
        }
    }

    @Test func pathsEndAt107Bytes() throws {
        try Self.withFolder { folder in
            let room = 107 - folder.utf8.count - 1
            let longest = folder + "/" + String(repeating: "s", count: room)
            do {
                let listener = try Endpoint.listen(unix: longest, mode: 0o600)
                #expect(listener.rawValue >= 0)
                _ = try Endpoint.connect(unix: longest)
            }
            unlink(longest)
            for path in [longest + "s", "\(folder)/a\0b"] {
                do throws(SystemError) {
                    _ = try Endpoint.listen(unix: path, mode: 0o600)
                    Issue.record("accepted: \(path.utf8.count) bytes")
                } catch {
                    #expect(error.code == ENAMETOOLONG)
                }
            }
        }
    }

    @Test func tcpIsReachedByNumberAndByName() throws {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let listener = FileDescriptor(number)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        #expect(withSocketAddress(address, { bind(number, $0, $1) }) == 0)
        #expect(listen(number, 4) == 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            getsockname(number, UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), &size)
        }
        let port = UInt16(bigEndian: address.sin_port)
        for host in ["127.0.0.1", "localhost"] {
            let client = try Endpoint.connect(host: host, port: port)
            guard let server = try Endpoint.accept(listener) else {
                Issue.record("the connection does not arrive")
                return
            }
            var on: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            #expect(getsockopt(client.rawValue, Int32(IPPROTO_TCP), TCP_NODELAY, &on, &length) == 0 && on != 0)
            #expect(Self.flags(client) == (true, true))
            try client.writeAll([9])
            Self.wait(for: server)
            var buffer: [UInt8] = [0]
            let count = try server.read(into: &buffer)
            #expect(count == 1 && buffer == [9])
        }
        #expect(throws: SystemError("look up the host", code: ENOENT)) {
            _ = try Endpoint.connect(host: "no such host", port: port)
        }
    }

    @Test func nobodyOnATCPPortIsAnError() throws {
        // A port that was bound a moment ago and listens no more.
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let holder = FileDescriptor(number)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        #expect(withSocketAddress(address, { bind(holder.rawValue, $0, $1) }) == 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            getsockname(number, UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), &size)
        }
        #expect(throws: SystemError("connect", code: ECONNREFUSED)) {
            _ = try Endpoint.connect(host: "127.0.0.1", port: UInt16(bigEndian: address.sin_port))
        }
    }

    @Test func aTerminalCarriesEveryByteAsItIs() throws {
        let other = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        try #require(other >= 0)
        let controller = FileDescriptor(other)
        // TIOCSPTLCK and TIOCGPTN, which Swift does not see: unlock the terminal, ask for its number.
        var number: Int32 = 0
        #expect(ioctl(other, 0x4004_5431, &number) == 0)
        #expect(ioctl(other, 0x8004_5430, &number) == 0)
        let terminal = try Endpoint.open(terminal: "/dev/pts/\(number)")
        #expect(Self.flags(terminal) == (true, true))
        // Bytes that a terminal would change, answer or act upon unless it is raw.
        let bytes: [UInt8] = [0x0A, 0x0D, 0x03, 0x04, 0x11, 0x13, 0x1A, 0x7F, 0x80, 0xFF, 0x00]
        try controller.writeAll(bytes)
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 100)
        while received.count < bytes.count {
            Self.wait(for: terminal)
            guard let count = try terminal.read(into: &buffer), count > 0 else { break }
            received += buffer.prefix(count)
        }
        #expect(received == bytes)
        try terminal.writeAll(bytes)
        received = []
        try controller.stopBlocking()
        while received.count < bytes.count {
            Self.wait(for: controller)
            guard let count = try controller.read(into: &buffer), count > 0 else { break }
            received += buffer.prefix(count)
        }
        #expect(received == bytes)
    }
}
