import ByteCoding
import MeshCore
import MeshWire
import RadioPort

/// A recorded case of a `mesh_*` file: one link between two nodes, from its first packet on.
struct LinkRecording {
    /// One end of the link.
    struct End {
        var identity: Identity
        var address: Address
        /// The end as the other one meets it.
        var neighbour: Neighbour { Neighbour(id: identity.node, address: address) }
    }

    /// One write.
    struct Packet {
        var from: NodeID
        var bytes: FrameBytes
        var milliseconds: UInt64
        var type: MessageType { MessageType(rawValue: bytes.isEmpty ? 0 : bytes[0]) }
    }

    var central: End
    var peripheral: End
    var packets: [Packet]
    /// Who closed the link; nil if nobody did.
    var closedBy: NodeID?

    init(_ recorded: JSONValue) throws {
        let key = try recorded.block("networkKey")
        central = try Self.end(try recorded.field("central"), key)
        peripheral = try Self.end(try recorded.field("peripheral"), key)
        packets = try recorded.array("packets").map { packet in
            Packet(
                from: NodeID(try packet.integer("from")),
                bytes: try packet.bytes("hex"),
                milliseconds: try packet.integer("t_ms")
            )
        }
        if let disconnect = recorded["disconnect"] {
            let seenBy = NodeID(try disconnect.integer("by_node"))
            let other = seenBy == central.identity.node ? peripheral.identity.node : central.identity.node
            switch HCIStatus(rawValue: try disconnect.integer("hci_reason")) {
            case .localHostTerminated: closedBy = seenBy
            case .remoteUserTerminated: closedBy = other
            default: closedBy = nil
            }
        }
    }

    private static func end(_ recorded: JSONValue, _ key: Key128) throws -> End {
        End(
            identity: Identity(
                node: NodeID(try recorded.integer("nodeId")),
                network: NetworkID(try recorded.integer("networkId")),
                deviceType: DeviceType(rawValue: try recorded.integer("deviceType")),
                keys: NodeKeys(network: key)
            ),
            address: Address(recordedBytes: try recorded.hex("bleAddress"))
        )
    }
}

extension Address {
    /// A recorded address, in the order of the air; the recorded nodes have random static ones.
    init(recordedBytes bytes: [UInt8]) {
        self.init(value: bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }, kind: .random)
    }
}
