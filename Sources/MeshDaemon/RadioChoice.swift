import LinuxSystem
import MeshConfiguration
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
        let isAdapter = settings.radio == "hci"
        let text = isAdapter ? settings.adapter : settings.radio
        guard let endpoint = HCIEndpoint(text) else {
            throw ConfigurationError(
                file: name,
                key: isAdapter ? "adapter" : "radio",
                problem: "no such \(isAdapter ? "adapter" : "radio"): '\(text)'",
                allowed: isAdapter ? "hci0...hci65534" : "hci, h4:unix:PATH, h4:tcp:HOST:PORT, h4:pty:PATH"
            )
        }
        let configuration = HCIRadio.Configuration(
            endpoint: endpoint,
            randomAddress: file.address?.reduce(0) { $0 << 8 | UInt64($1) },
            powerMemory: isAdapter ? "\(settings.stateFolder)/\(settings.adapter).power" : nil
        )
        return { loop, observer in HCIRadio(configuration, loop: loop, observer: observer) }
    }
}
