import Glibc
import LinuxSystem
import Testing

@testable import MeshDaemon

/// What systemd is told.
///
/// The environment belongs to a whole process, so every test has one for itself.
@Suite struct ServiceManagerTests {
    /// A datagram socket as systemd has it; with `@` in front an abstract one.
    private static func listen(at name: String) throws -> FileDescriptor {
        let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        let descriptor = FileDescriptor(number)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        guard withSocketAddress(address, { pointer, _ in bind(number, pointer, size) }) == 0 else {
            throw SystemError("bind")
        }
        return descriptor
    }

    private static func messages(_ descriptor: borrowing FileDescriptor) throws -> [String] {
        var messages: [String] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while let count = try descriptor.read(into: &buffer) {
            messages.append(String(decoding: buffer.prefix(count), as: UTF8.self))
        }
        return messages
    }

    private static func tell(at name: String) throws {
        let descriptor = try listen(at: name)
        setenv("NOTIFY_SOCKET", name, 1)
        let service = ServiceManager()
        service.ready()
        service.status("good: cluster of 3, links to 2")
        service.alive()
        service.stopping()
        let messages = try messages(descriptor)
        try #require(
            messages == ["READY=1", "STATUS=good: cluster of 3, links to 2", "WATCHDOG=1", "STOPPING=1"]
        )
    }

    @Test func messagesArriveAtAPath() async {
        await #expect(processExitsWith: .success) {
            let folder = try Folder()
            try Self.tell(at: folder.file("notify"))
        }
    }

    @Test func messagesArriveAtAnAbstractSocket() async {
        await #expect(processExitsWith: .success) {
            try Self.tell(at: "@thicket-test-\(getpid())")
        }
    }

    @Test func withoutSystemdNothingHappens() async {
        await #expect(processExitsWith: .success) {
            for name in [nil, "", "relative", "/nonexistent/notify", "/" + String(repeating: "x", count: 200)] {
                if let name { setenv("NOTIFY_SOCKET", name, 1) } else { unsetenv("NOTIFY_SOCKET") }
                let service = ServiceManager()
                service.ready()
                service.alive()
                service.status("text")
                service.stopping()
            }
        }
    }

    @Test func theWatchdogIsForTheProcessThatIsMeant() async {
        await #expect(processExitsWith: .success) {
            unsetenv("WATCHDOG_USEC")
            unsetenv("WATCHDOG_PID")
            try #require(ServiceManager().watchdogPeriod == nil)
            setenv("WATCHDOG_USEC", "30000000", 1)
            try #require(ServiceManager().watchdogPeriod == 30_000_000)
            setenv("WATCHDOG_PID", "\(getpid())", 1)
            try #require(ServiceManager().watchdogPeriod == 30_000_000)
            setenv("WATCHDOG_PID", "1", 1)
            try #require(ServiceManager().watchdogPeriod == nil)
            unsetenv("WATCHDOG_PID")
            setenv("WATCHDOG_USEC", "soon", 1)
            try #require(ServiceManager().watchdogPeriod == nil)
        }
    }
}
