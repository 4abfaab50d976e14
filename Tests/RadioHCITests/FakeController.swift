import BluetoothWire
import Glibc
import LinuxSystem

/// A controller at a UNIX stream socket that answers what a host needs to come up, and says what a test wants.
///
/// It lives on the event loop of the radio that it serves.
final class FakeController {
    static let handle: [UInt8] = [0x40, 0x00]

    /// Where it listens.
    let path: String
    private let folder: String
    private let loop: EventLoop
    private var listener: Holder?
    private var listenerWatch: EventLoop.Watch?
    private var stream: Holder?
    private var streamWatch: EventLoop.Watch?
    private var framer = H4Framer()

    /// Whether it answers at all.
    var isSilent = false
    /// Whether a connection makes it answer again.
    var connectingWakesIt = false
    /// Whether it tells that a connection ended.
    var endsLinks = true
    /// Packets that it got, oldest first, H4 type first.
    private(set) var packets: [[UInt8]] = []
    /// How often somebody connected.
    private(set) var connections = 0

    private final class Holder {
        let descriptor: FileDescriptor

        init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
    }

    init(loop: EventLoop) throws {
        self.loop = loop
        var template = Array("/tmp/thicket-controller-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        path = folder + "/socket"
        try listen()
    }

    deinit {
        hangUp()
        stopListening()
        rmdir(folder)
    }

    /// Opcodes of the commands that it got, oldest first.
    var opcodes: [UInt16] {
        packets.filter { $0[0] == 1 }.map { UInt16($0[1]) | UInt16($0[2]) << 8 }
    }

    /// Forgets what it got.
    func forget() { packets = [] }

    // MARK: - Sockets

    /// Listens again after ``stopListening()``.
    func listen() throws {
        let holder = Holder(try Endpoint.listen(unix: path, mode: 0o600))
        listener = holder
        listenerWatch = try loop.watch(holder.descriptor.rawValue, for: .reading) { [unowned self] _ in accept() }
    }

    /// Lets nobody connect any more.
    func stopListening() {
        if let listenerWatch { loop.unwatch(listenerWatch) }
        listenerWatch = nil
        listener = nil
        unlink(path)
    }

    /// Closes the connection.
    func hangUp() {
        if let streamWatch { loop.unwatch(streamWatch) }
        streamWatch = nil
        stream = nil
    }

    private func accept() {
        guard let listener, let descriptor = try? Endpoint.accept(listener.descriptor) else { return }
        hangUp()
        connections += 1
        if connectingWakesIt { isSilent = false }
        framer = H4Framer()
        let holder = Holder(descriptor)
        stream = holder
        streamWatch = try? loop.watch(holder.descriptor.rawValue, for: .reading) { [unowned self] _ in read() }
    }

    private func read() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        guard let stream, let count = try? stream.descriptor.read(into: &buffer) else { return }
        guard count > 0 else { return hangUp() }
        var found: [[UInt8]] = []
        framer.accept(buffer.prefix(count)) { found.append($0) }
        for packet in found {
            packets.append(packet)
            if !isSilent, packet[0] == 1 { answer(packet) }
        }
    }

    /// Sends bytes as they are.
    func send(_ bytes: [UInt8]) {
        if let stream { try? stream.descriptor.writeAll(bytes) }
    }

    // MARK: - Commands

    private func answer(_ packet: [UInt8]) {
        switch UInt16(packet[1]) | UInt16(packet[2]) << 8 {
        // 5.4, made by 89.
        case 0x1001: complete(packet, [13, 0, 0, 13, 89, 0, 0, 0])
        case 0x1009: complete(packet, [6, 5, 4, 3, 2, 1])
        case 0x2003: complete(packet, [0x21, 0, 0, 0, 0, 0, 0, 0])
        case 0x2002: complete(packet, [251, 0, 8])
        case 0x0406:
            event(0x0F, [0, 1, packet[1], packet[2]])
            if endsLinks { event(0x05, [0, packet[4], packet[5], 0x16]) }
        case 0x200D: event(0x0F, [0, 1, packet[1], packet[2]])
        default: complete(packet, [])
        }
    }

    private func complete(_ packet: [UInt8], _ values: [UInt8]) {
        event(0x0E, [1, packet[1], packet[2], 0] + values)
    }

    func event(_ code: UInt8, _ parameters: [UInt8]) { send([4, code, UInt8(parameters.count)] + parameters) }

    /// Somebody connected, or was connected to.
    func connected(handle: UInt8, role: UInt8) {
        event(0x3E, [1, 0, handle, 0, role, 0] + [handle, 0, 0, 0, 0, 0xC0] + [12, 0, 0, 0, 100, 0, 0])
    }
}
