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
        if settings.radio == "dbus" {
            guard case .adapter = HCIEndpoint(settings.adapter) else {
                throw unknown("adapter", settings.adapter, name)
            }
            return { loop, observer in DBusRadio(adapter: settings.adapter, loop: loop, observer: observer) }
        }
        let isAdapter = settings.radio == "hci"
        let text = isAdapter ? settings.adapter : settings.radio
        guard let endpoint = HCIEndpoint(text) else {
            throw unknown(isAdapter ? "adapter" : "radio", text, name)
        }
        let configuration = HCIRadio.Configuration(
            endpoint: endpoint,
            randomAddress: file.address?.reduce(0) { $0 << 8 | UInt64($1) },
            powerMemory: isAdapter ? "\(settings.stateFolder)/\(settings.adapter).power" : nil
        )
        return { loop, observer in HCIRadio(configuration, loop: loop, observer: observer) }
    }

    private static func unknown(_ key: String, _ text: String, _ name: String) -> ConfigurationError {
        ConfigurationError(
            file: name,
            key: key,
            problem: "no such \(key): '\(text)'",
            allowed: key == "adapter" ? "hci0...hci65534" : "hci, dbus, h4:unix:PATH, h4:tcp:HOST:PORT, h4:pty:PATH"
        )
    }
}
