import CDBus
import LinuxSystem
import RadioPort

/// One connection to a message bus, on an event loop.
///
/// Calls are answered by closures; signals and calls from others go to handlers. Everything that is sent is flushed at once:
/// the bus reads faster than a radio talks.
final class Bus {
    /// What came back for a call.
    enum Answer {
        case values([BusValue])
        /// Name and text of the error.
        case failure(String, String)
    }

    private let connection: OpaquePointer
    private let loop: EventLoop
    private var watch: EventLoop.Watch?
    private var deadlineTimer: EventLoop.Timer?
    private var calls: [UInt32: (deadline: Instant, completion: (Answer) -> Void)] = [:]
    private var isOpen = true

    /// Takes every signal that was subscribed to.
    var signal: (BusMessage) -> Void = { _ in }
    /// Answers calls of others; nil is "no such method".
    var call: (BusMessage) -> Answer? = { _ in nil }
    /// The bus is gone.
    var ended: () -> Void = {}

    /// Time for an answer; BlueZ waits up to 20 s for a device itself.
    private static let patience: UInt64 = 30_000_000

    /// Connects to the system bus, or to the one that DBUS_SYSTEM_BUS_ADDRESS names.
    ///
    /// - Throws: why there is no bus.
    init(loop: EventLoop) throws(RadioError) {
        self.loop = loop
        var error = DBusError()
        dbus_error_init(&error)
        defer { dbus_error_free(&error) }
        guard let connection = dbus_bus_get_private(DBUS_BUS_SYSTEM, &error) else {
            throw RadioError(
                operation: "reach the system bus",
                cause: error.message.map { String(cString: $0) } ?? "no answer",
                advice: "start dbus, or use --radio hci"
            )
        }
        self.connection = connection
        dbus_connection_set_exit_on_disconnect(connection, 0)
        var descriptor: Int32 = -1
        dbus_connection_get_unix_fd(connection, &descriptor)
        deadlineTimer = loop.timer { [unowned self] in expire() }
        do throws(SystemError) {
            watch = try loop.watch(descriptor, for: .reading) { [unowned self] _ in
                dbus_connection_read_write(self.connection, 0)
                dispatch()
            }
        } catch {
            throw RadioError(operation: "watch the system bus", cause: error.description)
        }
    }

    deinit {
        close()
        dbus_connection_unref(connection)
    }

    /// Lets go of the bus; calls under way are not answered any more.
    func close() {
        guard isOpen else { return }
        isOpen = false
        if let watch { loop.unwatch(watch) }
        if let deadlineTimer { loop.remove(deadlineTimer) }
        calls = [:]
        dbus_connection_close(connection)
    }

    // MARK: - Sending

    /// Calls a method; `completion` runs once, never inside this call.
    func call(
        _ destination: String,
        _ path: String,
        _ interface: String,
        _ member: String,
        _ arguments: [BusValue] = [],
        _ completion: @escaping (Answer) -> Void = { _ in }
    ) {
        guard isOpen, let message = dbus_message_new_method_call(destination, path, interface, member) else { return }
        defer { dbus_message_unref(message) }
        guard BusEncoder.append(arguments, to: message), let serial = send(message) else {
            loop.post { completion(.failure("", "out of memory")) }
            return
        }
        calls[serial] = (loop.now.advanced(byMicroseconds: Self.patience), completion)
        setDeadline()
    }

    /// Calls a method and waits for the answer; for the start, when nothing else happens yet.
    func callAndWait(
        _ destination: String,
        _ path: String,
        _ interface: String,
        _ member: String,
        _ arguments: [BusValue] = []
    ) -> Answer {
        guard isOpen, let message = dbus_message_new_method_call(destination, path, interface, member) else {
            return .failure("", "out of memory")
        }
        defer { dbus_message_unref(message) }
        var error = DBusError()
        dbus_error_init(&error)
        defer { dbus_error_free(&error) }
        guard BusEncoder.append(arguments, to: message),
            let reply = dbus_connection_send_with_reply_and_block(connection, message, 10_000, &error)
        else {
            return .failure(
                error.name.map { String(cString: $0) } ?? "",
                error.message.map { String(cString: $0) } ?? "no answer"
            )
        }
        defer { dbus_message_unref(reply) }
        return .values(BusMessage(reply)?.arguments ?? [])
    }

    /// Sends a signal.
    func emit(_ path: String, _ interface: String, _ member: String, _ arguments: [BusValue]) {
        guard isOpen, let message = dbus_message_new_signal(path, interface, member) else { return }
        defer { dbus_message_unref(message) }
        if BusEncoder.append(arguments, to: message) { send(message) }
    }

    /// Subscribes to signals.
    func subscribe(_ rule: String) {
        call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch", [.text(rule)])
    }

    @discardableResult
    private func send(_ message: OpaquePointer) -> UInt32? {
        var serial: UInt32 = 0
        guard dbus_connection_send(connection, message, &serial) != 0 else { return nil }
        dbus_connection_flush(connection)
        // Flushing may have read something, which the descriptor will not tell again.
        loop.post { [weak self] in self?.dispatch() }
        return serial
    }

    // MARK: - Receiving

    private func dispatch() {
        while isOpen, let raw = dbus_connection_pop_message(connection) {
            defer { dbus_message_unref(raw) }
            guard let message = BusMessage(raw) else { continue }
            switch message.kind {
            case .reply: finish(message.replySerial, .values(message.arguments))
            case .error(let name): finish(message.replySerial, .failure(name, message.text))
            case .signal:
                if message.interface == "org.freedesktop.DBus.Local", message.member == "Disconnected" {
                    isOpen = false
                    if let watch { loop.unwatch(watch) }
                    ended()
                } else {
                    signal(message)
                }
            case .call: answer(raw, message)
            }
        }
    }

    private func finish(_ serial: UInt32, _ answer: Answer) {
        calls.removeValue(forKey: serial)?.completion(answer)
    }

    private func answer(_ raw: OpaquePointer, _ message: BusMessage) {
        let reply: OpaquePointer?
        switch call(message) {
        case .values(let values):
            reply = dbus_message_new_method_return(raw)
            if let reply { _ = BusEncoder.append(values, to: reply) }
        case .failure(let name, let text): reply = dbus_message_new_error(raw, name, text)
        case nil:
            reply = dbus_message_new_error(raw, "org.freedesktop.DBus.Error.UnknownMethod", "no such method")
        }
        guard let reply else { return }
        defer { dbus_message_unref(reply) }
        if dbus_message_get_no_reply(raw) == 0 { send(reply) }
    }

    // MARK: - Deadlines

    private func setDeadline() {
        if let deadlineTimer { loop.set(deadlineTimer, at: calls.values.map(\.deadline).min()) }
    }

    private func expire() {
        let now = loop.now
        for serial in calls.filter({ $0.value.deadline <= now }).map(\.key).sorted() {
            finish(serial, .failure("org.freedesktop.DBus.Error.NoReply", "no answer"))
        }
        setDeadline()
    }
}
