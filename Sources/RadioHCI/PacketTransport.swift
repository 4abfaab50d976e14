import BluetoothWire
import LinuxSystem

/// Packets to and from a controller over one descriptor.
///
/// What the descriptor does not take at once waits, at most ``waitingMax`` packets: a controller grants few commands and
/// buffers, so that more than that means that nobody reads at the other end.
final class PacketTransport {
    /// How packets lie on the descriptor.
    enum Framing {
        /// One after the other in a stream of bytes (H4).
        case stream
        /// One for each read and write (HCI user channel).
        case datagrams
    }

    /// Packets that may wait for the descriptor.
    static let waitingMax = 256

    private let descriptor: FileDescriptor
    private let framing: Framing
    private let loop: EventLoop
    private let received: ([UInt8]) -> Void
    private let ended: (String) -> Void
    private var watch: EventLoop.Watch?
    private var framer = H4Framer()
    private var waiting: [[UInt8]] = []
    /// Bytes of the first waiting packet that are out.
    private var written = 0
    private var buffer = [UInt8](repeating: 0, count: 4 + H4Framer.payloadMax)
    private var isOpen = true

    /// A transport that calls `received` for each packet and, once, `ended` with the cause.
    ///
    /// - Throws: ``SystemError`` if the descriptor cannot be watched.
    init(
        _ descriptor: consuming FileDescriptor,
        framing: Framing,
        loop: EventLoop,
        received: @escaping ([UInt8]) -> Void,
        ended: @escaping (String) -> Void
    ) throws(SystemError) {
        let number = descriptor.rawValue
        self.descriptor = descriptor
        self.framing = framing
        self.loop = loop
        self.received = received
        self.ended = ended
        watch = try loop.watch(number, for: .reading) { [unowned self] ready in
            if ready.canWrite { flush() }
            if ready.canRead { read() }
        }
    }

    deinit { close() }

    /// Hands a packet over, type byte first.
    func send(_ packet: [UInt8]) {
        guard isOpen else { return }
        guard waiting.count < Self.waitingMax else {
            end("the controller takes no more packets")
            return
        }
        waiting.append(packet)
        if waiting.count == 1 { flush() }
    }

    /// Lets go of the descriptor without a word.
    func close() {
        isOpen = false
        if let watch { loop.unwatch(watch) }
        watch = nil
        waiting = []
    }

    private func end(_ cause: String) {
        guard isOpen else { return }
        close()
        ended(cause)
    }

    private func flush() {
        while let packet = waiting.first {
            do throws(SystemError) {
                let count = try descriptor.write(packet[written...])
                guard count > 0 else { break }
                written += count
            } catch {
                end(error.reason)
                return
            }
            if written == packet.count {
                waiting.removeFirst()
                written = 0
            }
        }
        if let watch { loop.change(watch, to: waiting.isEmpty ? .reading : [.reading, .writing]) }
    }

    private func read() {
        // A few packets at a time: others want their turn too.
        for _ in 0..<16 where isOpen {
            do throws(SystemError) {
                guard let count = try descriptor.read(into: &buffer) else { return }
                guard count > 0 else { return end("the other end closed the connection") }
                accept(buffer[..<count])
            } catch {
                return end(error.reason)
            }
        }
    }

    private func accept(_ bytes: ArraySlice<UInt8>) {
        switch framing {
        case .datagrams: received(Array(bytes))
        case .stream:
            framer.accept(bytes) { packet in
                if isOpen { received(packet) }
            }
            if framer.isOutOfStep { end("the byte stream makes no sense") }
        }
    }
}
