import Glibc

/// Tells systemd how the service is (sd_notify), if it was started by it.
struct ServiceManager {
    private let address: sockaddr_un?
    private let addressSize: socklen_t
    /// Microseconds within which systemd wants a sign of life; nil if it does not.
    let watchdogPeriod: UInt64?

    /// Reads what systemd left in the environment.
    init() {
        (address, addressSize) = Self.address(Self.variable("NOTIFY_SOCKET") ?? "")
        let isMeant = Self.variable("WATCHDOG_PID").flatMap { Int32($0) }.map { $0 == getpid() } ?? true
        watchdogPeriod = isMeant ? Self.variable("WATCHDOG_USEC").flatMap { UInt64($0) } : nil
    }

    /// The service works.
    func ready() { send("READY=1") }
    /// It is alive.
    func alive() { send("WATCHDOG=1") }
    /// It is about to end.
    func stopping() { send("STOPPING=1") }
    /// What it is doing, in one line.
    func status(_ text: String) { send("STATUS=\(text)") }

    private func send(_ text: String) {
        guard var address else { return }
        let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { return }
        defer { close(number) }
        let bytes = Array(text.utf8)
        // Safe: the pointer covers the whole address and is not kept.
        _ = withUnsafePointer(to: &address) {
            sendto(
                number,
                bytes,
                bytes.count,
                Int32(MSG_NOSIGNAL),
                UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self),
                addressSize
            )
        }
    }

    /// A path, or with `@` before it the name of an abstract socket.
    private static func address(_ path: String) -> (sockaddr_un?, socklen_t) {
        var bytes = Array(path.utf8)
        var address = sockaddr_un()
        guard path.hasPrefix("/") || path.hasPrefix("@"), bytes.count < MemoryLayout.size(ofValue: address.sun_path)
        else { return (nil, 0) }
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return (address, socklen_t(MemoryLayout<sa_family_t>.size + bytes.count))
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
