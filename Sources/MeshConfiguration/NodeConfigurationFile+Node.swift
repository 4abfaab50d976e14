public import MeshCore
import MeshWire
import RadioPort

extension NodeConfigurationFile {
    /// Who the configured node is.
    public var identity: Identity {
        Identity(
            node: node,
            network: network,
            deviceType: isSink ? .sink : .static,
            keys: NodeKeys(network: Key128(key) ?? .unset),
            serialNumberIndex: serial?.rawValue
        )
    }

    /// How the configured node behaves.
    ///
    /// - Parameter tracing: whether it tells what it does.
    /// - Returns: the behaviour; everything that has no key is as in the reference firmware.
    public func behaviour(tracing: Bool) -> Configuration {
        var configuration = Configuration(clustering: clustering)
        configuration.decision = decision
        configuration.meshInLinks = linksIn
        configuration.meshOutLinks = linksOut
        configuration.tracing = tracing
        // A minute is what the public builds with a time-out use (protocol §2.5).
        configuration.timing.highDiscoveryTimeout = discovery == .low ? 60_000_000 : 0
        return configuration
    }
}
