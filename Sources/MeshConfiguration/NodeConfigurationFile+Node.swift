public import MeshCore
import MeshWire
import RadioPort

extension NodeConfigurationFile {
    /// Who the configured node is, before anybody enrols it over the air.
    public var identity: Identity {
        Identity(
            node: node,
            network: network,
            deviceType: isSink ? .sink : .static,
            keys: NodeKeys(
                network: key.flatMap { Key128($0) } ?? .unset,
                // The key of stock builds is known to everybody.
                node: deviceKey.flatMap { Key128($0) } ?? .unset
            ),
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
        configuration.acceptsZeroKey = isOpenToEnrolment
        configuration.tracing = tracing
        // A minute is what the public builds with a time-out use (protocol §2.5).
        configuration.timing.highDiscoveryTimeout = discovery == .low ? 60_000_000 : 0
        return configuration
    }
}
