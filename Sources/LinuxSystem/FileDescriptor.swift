import Glibc

/// A file descriptor that is closed when its owner lets go of it.
public struct FileDescriptor: ~Copyable {
    /// The number of the descriptor.
    public let rawValue: Int32

    /// Takes over an open descriptor.
    public init(_ rawValue: Int32) { self.rawValue = rawValue }

    deinit { close(rawValue) }

    /// Reads what is there, at most `buffer.count` bytes.
    ///
    /// - Returns: the number of bytes, 0 at the end, nil if nothing is there now.
    /// - Throws: ``SystemError`` for anything else.
    public func read(into buffer: inout [UInt8]) throws(SystemError) -> Int? {
        try Self.transfer("read") { buffer.withUnsafeMutableBytes { Glibc.read(rawValue, $0.baseAddress, $0.count) } }
    }

    /// Writes as much as fits now.
    ///
    /// - Returns: the number of bytes taken, 0 if none fits now.
    /// - Throws: ``SystemError`` for anything else.
    public func write(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
        try Self.transfer("write") { bytes.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) } } ?? 0
    }

    /// As ``write(_:)`` to a socket; if nobody reads any more that is an error, EPIPE, and no signal.
    ///
    /// - Returns: the number of bytes taken, 0 if none fits now.
    /// - Throws: ``SystemError`` for anything else.
    public func send(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
        try Self.transfer("send") {
            bytes.withUnsafeBytes { Glibc.send(rawValue, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        } ?? 0
    }

    /// The user at the other end of a UNIX socket; nil if the system does not tell.
    public var peerUser: UInt32? {
        // As `struct ucred`: process, user, group.
        var credentials: [UInt32] = [0, 0, 0]
        var size = socklen_t(3 * MemoryLayout<UInt32>.size)
        let outcome = credentials.withUnsafeMutableBytes {
            getsockopt(rawValue, SOL_SOCKET, SO_PEERCRED, $0.baseAddress, &size)
        }
        return outcome == 0 ? credentials[1] : nil
    }

    /// Repeats a call that a signal interrupted; nil if the descriptor is not ready for it.
    private static func transfer(_ operation: String, _ call: () -> Int) throws(SystemError) -> Int? {
        while true {
            let count = call()
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN: return nil
            default: throw SystemError(operation)
            }
        }
    }

    /// Writes all bytes, waiting as long as it takes; for regular files.
    ///
    /// - Throws: ``SystemError`` if the bytes cannot be written.
    public func writeAll(_ bytes: [UInt8]) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            rest = rest.dropFirst(try write(rest))
        }
    }

    /// Lets calls return at once instead of waiting.
    ///
    /// - Throws: ``SystemError`` if the descriptor cannot do that.
    public func stopBlocking() throws(SystemError) {
        let flags = fcntl(rawValue, F_GETFL)
        guard flags >= 0, fcntl(rawValue, F_SETFL, flags | O_NONBLOCK) == 0 else { throw SystemError("fcntl") }
    }
}
