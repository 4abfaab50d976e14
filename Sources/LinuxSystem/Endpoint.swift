public import Glibc

/// Opens and accepts byte streams; all descriptors are non-blocking and closed on exec.
public enum Endpoint {
    private static let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    private static let nonBlocking = Int32(SOCK_NONBLOCK.rawValue)

    /// Connects to a UNIX stream socket.
    ///
    /// - Throws: ``SystemError`` if nobody listens there.
    public static func connect(unix path: String) throws(SystemError) -> FileDescriptor {
        let number = socket(AF_UNIX, stream, 0)
        guard number >= 0 else { throw SystemError("socket") }
        let descriptor = FileDescriptor(number)
        let address = try unixAddress(path)
        guard withSocketAddress(address, { Glibc.connect(number, $0, $1) }) == 0 else {
            throw SystemError("connect")
        }
        try descriptor.stopBlocking()
        return descriptor
    }

    /// Listens on a UNIX stream socket; what lies at the path must be out of the way.
    ///
    /// - Parameters:
    ///   - path: at most 107 bytes.
    ///   - mode: permissions of the socket.
    ///   - backlog: connections that may wait.
    /// - Returns: the listening socket.
    /// - Throws: ``SystemError`` if the path cannot be had.
    public static func listen(
        unix path: String,
        mode: UInt32,
        backlog: Int32 = 16
    ) throws(SystemError) -> FileDescriptor {
        let number = socket(AF_UNIX, stream | nonBlocking, 0)
        guard number >= 0 else { throw SystemError("socket") }
        let descriptor = FileDescriptor(number)
        let address = try unixAddress(path)
        // Nobody may connect between bind and chmod.
        let mask = umask(0o777)
        let bound = withSocketAddress(address, { Glibc.bind(number, $0, $1) })
        let code = errno
        umask(mask)
        guard bound == 0 else { throw SystemError("bind", code: code) }
        guard chmod(path, mode) == 0 else { throw SystemError("chmod") }
        guard Glibc.listen(number, backlog) == 0 else { throw SystemError("listen") }
        return descriptor
    }

    /// Listens on a TCP port for programs on this machine alone.
    ///
    /// - Parameters:
    ///   - port: 0 for any that is free.
    ///   - backlog: connections that may wait.
    /// - Returns: the listening socket and its port.
    /// - Throws: ``SystemError`` if the port cannot be had.
    public static func listen(
        localPort port: UInt16,
        backlog: Int32 = 16
    ) throws(SystemError) -> (socket: SharedDescriptor, port: UInt16) {
        let number = socket(AF_INET, stream | nonBlocking, 0)
        guard number >= 0 else { throw SystemError("socket") }
        let descriptor = SharedDescriptor(FileDescriptor(number))
        var on: Int32 = 1
        setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        guard withSocketAddress(address, { Glibc.bind(number, $0, $1) }) == 0 else { throw SystemError("bind") }
        guard Glibc.listen(number, backlog) == 0 else { throw SystemError("listen") }
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let told = withUnsafeMutablePointer(to: &address) { pointer in
            // Safe: the call writes no more than the size it is told, which is that of the value.
            getsockname(number, UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), &size)
        }
        guard told == 0 else { throw SystemError("getsockname") }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// The next connection of a listening socket, nil if none waits.
    ///
    /// - Throws: ``SystemError`` for anything else, such as too many open descriptors.
    public static func accept(_ listener: borrowing FileDescriptor) throws(SystemError) -> FileDescriptor? {
        while true {
            let number = Glibc.accept(listener.rawValue, nil, nil)
            if number >= 0 {
                let descriptor = FileDescriptor(number)
                try descriptor.stopBlocking()
                _ = fcntl(number, F_SETFD, FD_CLOEXEC)
                return descriptor
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EAGAIN: return nil
            default: throw SystemError("accept")
            }
        }
    }

    /// Connects to a TCP port without delaying small packets; gives up after five seconds for each address.
    ///
    /// - Throws: ``SystemError`` if nobody listens there; a name that nobody knows is ENOENT.
    public static func connect(host: String, port: UInt16) throws(SystemError) -> FileDescriptor {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &first) == 0 else {
            throw SystemError("look up the host", code: ENOENT)
        }
        defer { freeaddrinfo(first) }
        var failure = SystemError("connect", code: ECONNREFUSED)
        var next = first
        while let candidate = next?.pointee {
            next = candidate.ai_next
            let number = socket(candidate.ai_family, stream, 0)
            guard number >= 0 else { throw SystemError("socket") }
            let descriptor = FileDescriptor(number)
            // Bounds the attempt too.
            var limit = timeval(tv_sec: 5, tv_usec: 0)
            setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            guard Glibc.connect(number, candidate.ai_addr, candidate.ai_addrlen) == 0 else {
                failure = SystemError("connect")
                continue
            }
            var on: Int32 = 1
            setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            try descriptor.stopBlocking()
            return descriptor
        }
        throw failure
    }

    /// Opens a terminal as a raw byte stream.
    ///
    /// - Throws: ``SystemError`` if it cannot be opened or is no terminal.
    public static func open(terminal path: String) throws(SystemError) -> FileDescriptor {
        let number = Glibc.open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard number >= 0 else { throw SystemError("open") }
        let descriptor = FileDescriptor(number)
        var attributes = termios()
        guard tcgetattr(number, &attributes) == 0 else { throw SystemError("tcgetattr") }
        cfmakeraw(&attributes)
        guard tcsetattr(number, TCSANOW, &attributes) == 0 else { throw SystemError("tcsetattr") }
        return descriptor
    }

    // MARK: - Addresses

    private static func unixAddress(_ path: String) throws(SystemError) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { field in
            guard bytes.count < field.count, !bytes.contains(0) else { return false }
            field.copyBytes(from: bytes)
            return true
        }
        guard fits else { throw SystemError("bind", code: ENAMETOOLONG) }
        return address
    }
}

/// Hands a socket address to a system call in the form that it wants.
///
/// - Parameters:
///   - address: any of the `sockaddr` family, whole.
///   - body: the call.
/// - Returns: what the call returned.
public func withSocketAddress<Value, Result>(
    _ address: Value,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    // Safe: the pointer covers the whole value and is not kept; the call reads no more than the size it is told.
    withUnsafePointer(to: address) { pointer in
        body(UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), socklen_t(MemoryLayout<Value>.size))
    }
}
