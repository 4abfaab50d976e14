import ByteCoding
import MeshCore
package import MeshWire

/// What a survey asks of a node (protocol §10.1).
package enum SurveyQuestion: Int, CaseIterable, Sendable {
    /// Its mesh links: the first incoming one and the outgoing ones; the answer goes to everybody.
    case connections
    /// All of its connections; much longer, and only asked where nodes are missing.
    case allConnections
    /// What it is.
    case device
    /// Whom it heard since it was last asked.
    case neighbours

    /// The message that asks.
    package var message: StatusReporterMessage {
        switch self {
        case .connections: .getConnections
        case .allConnections: .getConnectionsVerbose(index: .max)
        case .device: .getDeviceInfo
        case .neighbours: .getNearbyNodes
        }
    }

    /// Packets of question and longest answer together.
    package var packets: Int {
        let answer =
            switch self {
            case .connections: Self.packets(bytes: AllConnections.encodedSize)
            case .allConnections: Limits.connections * Self.packets(bytes: ConnectionVerbose.encodedSize)
            case .device: Self.packets(bytes: DeviceInfo.encodedSize)
            case .neighbours: Self.packets(bytes: PackedList<PartnerRSSI, 60>.elementCountMax * PartnerRSSI.encodedSize)
            }
        return Self.packets(bytes: 0) + answer
    }

    private static func packets(bytes: Int) -> Int {
        Splitter.frameCount(length: ModuleMessage.minimumSize + bytes, payloadSize: SurveyPace.packetBytes)
    }
}
