import BluetoothManagement
import BluetoothWire
import Glibc
import LinuxSystem
import RadioPort

/// An adapter that is taken from whoever uses it, and given back as it was found.
///
/// The HCI user channel is refused while the adapter is switched on, so it is switched off first; bluetoothd loses sight of
/// it. That it was on is written to a file before, so that a later run can give it back as it was even if this one is killed.
final class AdapterLease {
    /// Its number.
    let adapter: UInt16
    private let memory: String?
    private let loop: EventLoop
    private var management: ManagementSocket?
    private var foundPowered = false
    /// Called when the adapter is plugged in.
    var plugged: () -> Void = {}

    private var name: String { "hci\(adapter)" }

    /// A lease that has not been taken.
    ///
    /// - Parameters:
    ///   - adapter: its number.
    ///   - memory: path of a file that remembers that the adapter was on; nil remembers nothing.
    ///   - loop: where plugging in is noticed.
    init(adapter: UInt16, memory: String?, loop: EventLoop) {
        self.adapter = adapter
        self.memory = memory
        self.loop = loop
    }

    /// Switches the adapter off and opens its user channel.
    ///
    /// - Throws: why it cannot be had.
    func take() throws(RadioError) -> FileDescriptor {
        let management = try openManagement()
        let wasRemembered = remembers
        // Without information it is missing, or in the hands of another user channel: opening it tells which.
        if let information = try information(management) {
            guard information.supportsLowEnergy else {
                throw RadioError(operation: "use \(name)", cause: "it cannot do Bluetooth Low Energy")
            }
            if information.isPowered { remember() }
            foundPowered = information.isPowered || remembers
        }
        do throws(RadioError) {
            return try openUserChannel(management)
        } catch {
            // What was not had is not kept; what an earlier run left is still to be given back.
            if !wasRemembered { giveBack() }
            throw error
        }
    }

    private func information(_ management: ManagementSocket) throws(RadioError) -> AdapterInformation? {
        do throws(ManagementSocket.Failure) {
            return try management.information(adapter)
        } catch {
            guard error == .refused(.invalidIndex) else {
                throw RadioError(operation: "use \(name)", cause: error.text)
            }
            return nil
        }
    }

    /// Gives the adapter back in the state in which it was found; its user channel must be closed.
    func giveBack() {
        defer { forget() }
        guard foundPowered, let management, let information = try? management.information(adapter),
            !information.isPowered
        else { return }
        try? management.setPowered(adapter, true)
    }

    /// Switches the adapter on and off again, to wake it up; its user channel must be closed.
    ///
    /// - Throws: why that did not work.
    func cyclePower() throws(RadioError) {
        let management = try openManagement()
        do throws(ManagementSocket.Failure) {
            try management.setPowered(adapter, true)
            try management.setPowered(adapter, false)
        } catch {
            throw RadioError(operation: "switch \(name) off and on", cause: error.text)
        }
    }

    private func openManagement() throws(RadioError) -> ManagementSocket {
        if let management { return management }
        do throws(SystemError) {
            let management = try ManagementSocket(loop: loop)
            management.event = { [unowned self] event in
                if event.code == ManagementEvent.indexAdded, event.adapter == adapter { plugged() }
            }
            self.management = management
            return management
        } catch {
            throw RadioError(
                operation: "use \(name)",
                cause: error.code == EAFNOSUPPORT ? "this kernel has no Bluetooth" : error.description,
                advice: error.code == EAFNOSUPPORT ? "run 'modprobe bluetooth' and see 'dmesg'" : ""
            )
        }
    }

    private func openUserChannel(_ management: ManagementSocket) throws(RadioError) -> FileDescriptor {
        var code: Int32 = 0
        // bluetoothd may switch the adapter on again between the two steps.
        for _ in 0..<5 {
            if try information(management)?.isPowered == true { try switchOff(management) }
            do throws(SystemError) {
                return try HCISocket.openUserChannel(adapter)
            } catch {
                code = error.code
            }
            guard code == EBUSY else { break }
            usleep(20_000)
        }
        throw error(code, management)
    }

    private func switchOff(_ management: ManagementSocket) throws(RadioError) {
        do throws(ManagementSocket.Failure) {
            try management.setPowered(adapter, false)
        } catch {
            guard error == .refused(.permissionDenied) else {
                throw RadioError(operation: "switch \(name) off", cause: error.text)
            }
            throw permissionError
        }
    }

    // MARK: - Errors

    private var permissionError: RadioError {
        RadioError(
            operation: "open \(name)",
            cause: "permission denied",
            advice: "grant CAP_NET_ADMIN, as the systemd unit does, or run as root"
        )
    }

    private func error(_ code: Int32, _ management: ManagementSocket) -> RadioError {
        switch code {
        case EPERM, EACCES: return permissionError
        case EBUSY:
            return RadioError(
                operation: "open \(name)",
                cause: "another program holds it",
                advice: "stop that program (a second thicketd, or bluetoothd switching it on), or use --radio dbus"
            )
        case ENODEV:
            let others = ((try? management.adapters()) ?? []).map { "hci\($0)" }.joined(separator: ", ")
            return RadioError(
                operation: "open \(name)",
                cause: "no such adapter",
                advice: others.isEmpty ? "there is none; plug one in or see 'dmesg'" : "there is: \(others)"
            )
        case ERFKILL:
            return RadioError(
                operation: "open \(name)",
                cause: "blocked by rfkill",
                advice: "run 'rfkill unblock bluetooth'"
            )
        default:
            return RadioError(operation: "open \(name)", cause: SystemError("bind", code: code).reason)
        }
    }

    // MARK: - Memory

    private var remembers: Bool { memory.map { access($0, F_OK) == 0 } ?? false }

    private func remember() {
        guard let memory else { return }
        let number = open(memory, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard number >= 0 else { return }
        fsync(number)
        close(number)
    }

    private func forget() {
        foundPowered = false
        if let memory { unlink(memory) }
    }
}
