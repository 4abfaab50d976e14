import MeshWire
import RadioPort

// UPDATE_CONNECTION_INTERVAL (protocol §5.4).
extension Node {
    /// Intervals that a controller takes (Core 5.4 Vol 6 Part B 4.5.1), in units of 1.25 ms.
    private static let connectionIntervals: ClosedRange<UInt16> = 6...3200

    /// All outgoing mesh links get another interval; one that no controller takes is ignored.
    mutating func updateConnectionInterval(_ message: UpdateConnectionInterval, into outputs: inout Outputs) {
        guard Self.connectionIntervals.contains(message.interval) else { return }
        var parameters = configuration.timing.meshParameters
        parameters.interval = message.interval
        parameters.latency = 0
        // A controller refuses a time-out that is not longer than two intervals.
        parameters.supervisionTimeout = max(parameters.supervisionTimeout, message.interval / 4 + 1)
        for index in links.indices
        where links.isMeshEdge(index) && links[index].role == .central && links[index].id.rawValue != 0 {
            outputs.append(.radio(.updateParameters(link: links[index].id, parameters: parameters)))
        }
    }
}
