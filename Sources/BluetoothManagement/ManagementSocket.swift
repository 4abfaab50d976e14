package import BluetoothWire
import ByteCoding
import Glibc
package import LinuxSystem
import RadioPort

/// The kernel's management interface to its adapters.
///
/// Requests wait for their answer: there are a handful of them, at the start, at the end and in a recovery.
package final class ManagementSocket {
    /// What the kernel did not do.
    package enum Failure: Error, Equatable {
        /// The socket failed.
        case system(SystemError)
        /// The kernel answered with this.
        case refused(ManagementStatus)
        /// No answer came in time.
        case silent
    }

    private let descriptor: FileDescriptor
    private let loop: EventLoop
    private var watch: EventLoop.Watch?
    /// Takes every event that is no answer, after the turn in which it came.
    package var event: (ManagementPacket) -> Void = { _ in }
    private var buffer = [UInt8](repeating: 0, count: 2048)

    /// Time for the kernel to answer; it waits up to two seconds for a controller itself.
    private static let patience: UInt64 = 5_000_000

    /// Opens the interface.
    ///
    /// - Throws: EAFNOSUPPORT if the kernel has no Bluetooth.
    package init(loop: EventLoop) throws(SystemError) {
        descriptor = try HCISocket.openManagement()
        self.loop = loop
        watch = try loop.watch(descriptor.rawValue, for: .reading) { [unowned self] _ in
            while let packet = next() { look(at: packet) }
        }
    }

    deinit {
        if let watch { loop.unwatch(watch) }
    }

    /// The numbers of all adapters.
    ///
    /// - Throws: ``Failure``.
    package func adapters() throws(Failure) -> [UInt16] {
        let values = try request(ManagementPacket(ManagementCommand.readIndexList)).array
        return stride(from: 2, to: values.count - 1, by: 2).map { UInt16(values[$0]) | UInt16(values[$0 + 1]) << 8 }
    }

    /// What the kernel knows of an adapter.
    ///
    /// - Throws: ``Failure``; an adapter in the hands of a user channel is refused like one that is not there.
    package func information(_ adapter: UInt16) throws(Failure) -> AdapterInformation {
        let values = try request(ManagementPacket(ManagementCommand.readInfo, adapter: adapter))
        guard let information = try? AdapterInformation(bytes: values) else { throw .silent }
        return information
    }

    /// Switches an adapter on or off.
    ///
    /// - Throws: ``Failure``.
    package func setPowered(_ adapter: UInt16, _ powered: Bool) throws(Failure) {
        _ = try request(
            ManagementPacket(ManagementCommand.setPowered, adapter: adapter, .init([powered ? 1 : 0]))
        )
    }

    /// Sends a command and waits for its answer.
    ///
    /// - Returns: the values of the answer.
    /// - Throws: why there are none.
    package func request(_ packet: ManagementPacket) throws(Failure) -> ManagementPacket.Parameters {
        do throws(SystemError) {
            let bytes = (try? packet.encoded(as: InlineBytes<1030>.self).array) ?? []
            _ = try descriptor.write(bytes[...])
        } catch {
            throw .system(error)
        }
        let deadline = loop.now.advanced(byMicroseconds: Self.patience)
        while loop.now < deadline {
            guard let event = next() else {
                var poll = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
                _ = Glibc.poll(&poll, 1, Int32(deadline.microseconds(since: loop.now) / 1000 + 1))
                continue
            }
            guard event.code == ManagementEvent.commandComplete || event.code == ManagementEvent.commandStatus,
                let reply = try? ManagementReply(bytes: event.parameters), reply.command == packet.code,
                event.adapter == packet.adapter
            else {
                look(at: event)
                continue
            }
            guard reply.status == .success else { throw .refused(reply.status) }
            if event.code == ManagementEvent.commandComplete { return reply.values }
        }
        throw .silent
    }

    private func next() -> ManagementPacket? {
        while let read = try? descriptor.read(into: &buffer), read > 0 {
            if let packet = try? ManagementPacket(bytes: Array(buffer[..<read])) { return packet }
        }
        return nil
    }

    private func look(at packet: ManagementPacket) {
        // Not inside a request of the one who wants to know.
        loop.post { [weak self] in self?.event(packet) }
    }
}

extension ManagementSocket.Failure {
    /// What came back, in words.
    package var text: String {
        switch self {
        case .system(let error): error.reason
        case .refused(let status): status.text
        case .silent: "the kernel does not answer"
        }
    }
}
