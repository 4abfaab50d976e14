import BluetoothWire
import MeshConfiguration

/// Looks at a machine and says whether a node can run on it, and what stands in the way.
package struct Examination {
    let files: MachineFiles
    let machine: Machine
    /// Adapters to look at.
    let adapters: [Adapter]
    /// Whether kernel answers about adapters at all.
    let management: Machine.Management
    /// The one that was asked for.
    let wanted: String?
    let board: Board?
    let service: Service
    /// The daemon, and the path of its socket.
    let daemon: Machine.Daemon
    let control: String
    let configurations: [NodeSetup]

    /// Gathers what the checks need.
    ///
    /// - Parameters:
    ///   - machine: the machine.
    ///   - adapter: the adapter to look at, such as `hci1`; nil is all.
    ///   - control: path of the control socket; nil is what the configuration says.
    package init(_ machine: Machine, adapter: String? = nil, control: String? = nil) {
        self.machine = machine
        files = machine.files
        wanted = adapter
        // Asking a kernel whose Bluetooth is not loaded would load it.
        management = files.exists("/sys/class/bluetooth") ? machine.management() : .missing
        var known: [UInt16: AdapterInformation] = [:]
        if case .adapters(let adapters) = management { known = adapters }
        let all = Adapter.all(files, known)
        adapters = adapter.map { name in all.filter { $0.name == name } } ?? all
        board = Board(files)
        service = Service(files)
        let names = adapter.map { [$0] } ?? adapters.map(\.name)
        configurations = NodeSetup.all(for: names, files)
        self.control =
            control ?? configurations.lazy.compactMap(\.file).first?.daemon.control
            ?? DaemonSettings.defaultControl
        daemon = machine.daemon(self.control)
    }

    /// All findings, in the order in which a person would look: kernel, adapters, programs, rights, time.
    package func findings() -> [Finding] {
        var findings = kernel() + adapterPresence()
        for adapter in adapters {
            findings += presence(adapter) + driver(adapter) + firmware(adapter) + radioSwitch(adapter)
            findings += roles(adapter)
        }
        findings += wireless() + bluetoothd() + configuration() + privilege() + state() + controlSocket()
        findings += clock()
        // Programs and devices call themselves what they like: it stays one line, without orders to a terminal.
        for index in findings.indices { findings[index].found = MachineFiles.clean(findings[index].found.utf8) }
        return findings
    }

    /// Whether a name is one that an adapter could have: hci0...hci65534.
    package static func isAdapterName(_ name: String) -> Bool { Adapter.number(name) != nil }

    /// What the daemon says, if it runs on this adapter.
    func report(on adapter: Adapter) -> Machine.DaemonReport? {
        guard case .running(let report) = daemon, report.adapter == adapter.name else { return nil }
        return report
    }

    /// Whether a node is to go through bluetoothd.
    var usesBluetoothd: Bool { configurations.contains { $0.file?.daemon.radio == "dbus" } }
}
