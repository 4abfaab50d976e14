import LinuxSystem
import MeshConfiguration
import RadioDBus
import RadioHCI
import RadioPort

/// Which radio a configuration asks for.
enum RadioChoice {
    /// What makes the radio; called again for a restart of the node.
    ///
    /// - Throws: if there is no such radio.
    static func maker(
        for file: NodeConfigurationFile,
        name: String
    ) throws(ConfigurationError) -> (EventLoop, RadioObserver) -> any Radio {
        let settings = file.daemon
        let endpoint = try settings.controller(file: name)
        if settings.radio == "dbus" {
            return { loop, observer in DBusRadio(adapter: settings.adapter, loop: loop, observer: observer) }
        }
        let isAdapter = settings.radio == "hci"
        let configuration = HCIRadio.Configuration(
            endpoint: endpoint,
            randomAddress: file.address?.reduce(0) { $0 << 8 | UInt64($1) },
            powerMemory: isAdapter ? "\(settings.stateFolder)/\(settings.adapter).power" : nil
        )
        return { loop, observer in HCIRadio(configuration, loop: loop, observer: observer) }
    }
}
