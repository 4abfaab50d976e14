/// Something between the air and a node that is not as it should be.
///
/// ```yaml
/// packet_loss: { nodes: all, percent: 30 }      # of what the nodes would hear
/// slow_host: { nodes: [3], every: 500ms }       # the node runs no more often
/// busy_stack: { nodes: [3, 7], percent: 20 }    # of what the node asks of its radio
/// repeat_data: { nodes: [3], percent: 5 }       # of what its links carry to it
/// corrupt_data: { nodes: [3], percent: 5 }
/// ```
public enum Disturbance: Sendable, Hashable {
    /// So many per cent of all advertisements are not heard, and of the packets of links have to be sent again.
    ///
    /// Links repeat what is lost until it arrives, so that it comes later there, and what comes behind it too.
    case packetLoss(percent: Double)
    /// The host has time for the node only that often; timers and events wait until then.
    case slowHost(periodMicroseconds: UInt64)
    /// So many per cent of connect commands and host calls of a link's bring-up are refused, and of writes wait for room in the
    /// send buffers.
    case busyStack(percent: Double)
    /// So many per cent of the writes that arrive arrive once more.
    case repeatedData(percent: Double)
    /// So many per cent of the writes that arrive have a bit that is wrong, and a checksum that says otherwise.
    case corruptedData(percent: Double)

    /// The key in the scenario file.
    public var name: String {
        switch self {
        case .packetLoss: "packet_loss"
        case .slowHost: "slow_host"
        case .busyStack: "busy_stack"
        case .repeatedData: "repeat_data"
        case .corruptedData: "corrupt_data"
        }
    }

    /// The keys of all.
    static let names = ["packet_loss", "slow_host", "busy_stack", "repeat_data", "corrupt_data"]
    /// Greatest share that may be lost: a link over which nothing passes is a blocked one.
    private static let lossMax = 90.0

    static func read(
        _ name: String,
        _ field: Field,
        nodes: NodeReferenceReader
    ) throws(ConfigurationError) -> (nodes: [NodeReference], disturbance: Disturbance) {
        let isSlowness = name == "slow_host"
        let keys = try field.section(isSlowness ? ScenarioKeys.slowness : ScenarioKeys.disturbance)
        let symbols = ["best_connected", "all", "sinks"]
        let references = try nodes.references(try keys.required("nodes", nodes.nodesHint), symbols: symbols)
        if isSlowness {
            let period = try keys.required("every", "a time such as 500ms").duration(1_000...60_000_000)
            return (references, .slowHost(periodMicroseconds: period))
        }
        let most = name == "packet_loss" ? lossMax : 100
        let percent = try keys.required("percent", "0...\(Int(most)) %").number(0...most, unit: "%")
        switch name {
        case "packet_loss": return (references, .packetLoss(percent: percent))
        case "busy_stack": return (references, .busyStack(percent: percent))
        case "repeat_data": return (references, .repeatedData(percent: percent))
        default: return (references, .corruptedData(percent: percent))
        }
    }
}
