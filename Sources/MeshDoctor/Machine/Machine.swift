package import BluetoothWire

/// A machine as an examination sees it: its files, and what it answers to a few questions.
///
/// Nothing is changed on it.
package struct Machine {
    /// What the kernel's management interface says.
    package enum Management {
        /// Adapters by number.
        case adapters([UInt16: AdapterInformation])
        /// There are no Bluetooth sockets.
        case missing
        /// It did not answer, for this reason.
        case failed(String)
    }

    /// The system's clock.
    package struct Clock: Equatable {
        /// Seconds since 1970.
        package var seconds: Int
        /// Whether the kernel takes it for synchronised.
        package var isSynchronized: Bool

        package init(seconds: Int, isSynchronized: Bool) {
            self.seconds = seconds
            self.isSynchronized = isSynchronized
        }
    }

    /// What is heard from the control socket.
    package enum Daemon: Equatable {
        case running(DaemonReport)
        /// Nobody serves there.
        case absent
        /// This user may not ask.
        case denied
        /// Somebody serves there, but this went wrong.
        case failed(String)
    }

    /// What a daemon says of itself.
    package struct DaemonReport: Equatable {
        package var node: String
        package var adapter: String
        package var controller: String
        /// `good`, `degraded` or `isolated`.
        package var health: String
        package var reason: String

        package init(node: String, adapter: String, controller: String, health: String, reason: String) {
            self.node = node
            self.adapter = adapter
            self.controller = controller
            self.health = health
            self.reason = reason
        }
    }

    let files: MachineFiles
    /// Asked once.
    var management: () -> Management
    /// Frequency of a wireless interface in MHz, nil if it has none or does not tell.
    var megahertz: (_ interface: String) -> Int?
    var clock: () -> Clock
    /// What a program answers to `--version`.
    var version: (_ path: String) -> String?
    /// The daemon at a control socket.
    var daemon: (_ path: String) -> Daemon

    /// A machine from its parts.
    package init(
        files: MachineFiles,
        management: @escaping () -> Management,
        megahertz: @escaping (String) -> Int?,
        clock: @escaping () -> Clock,
        version: @escaping (String) -> String?,
        daemon: @escaping (String) -> Daemon
    ) {
        self.files = files
        self.management = management
        self.megahertz = megahertz
        self.clock = clock
        self.version = version
        self.daemon = daemon
    }
}
