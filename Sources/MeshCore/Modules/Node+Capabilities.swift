import MeshWire

// What the node tells of itself when asked for its capabilities (protocol §10.2).
extension Node {
    private static let manufacturer = "Thicket"
    private static let softwareRevision = "0.1"
    /// Model of the entry that says that a node can run in graft clustering, whatever it runs in now.
    public static let graftCapability = "thicket.graft"
    /// Revision of that entry: the version of the messages.
    public static let graftCapabilityRevision = "1"

    /// The entry at an index, nil behind the last.
    func capability(at index: UInt32) -> CapabilityEntry? {
        switch index {
        case 0:
            CapabilityEntry(
                index: index,
                type: .software,
                manufacturer: Self.manufacturer,
                model: "Thicket node",
                revision: Self.softwareRevision
            )
        case 1:
            CapabilityEntry(
                index: index,
                type: .property,
                manufacturer: Self.manufacturer,
                model: "Mesh protocol",
                revision: protocolRevision
            )
        case 2:
            CapabilityEntry(
                index: index,
                type: .software,
                manufacturer: Self.manufacturer,
                model: Self.graftCapability,
                revision: Self.graftCapabilityRevision
            )
        default: nil
        }
    }

    /// The version of the protocol in the usual form, for instance 1.1.1640.
    private var protocolRevision: String {
        let version = identity.hardware.version
        return "\(version / 10_000_000).\(version / 10_000 % 1000).\(version % 10_000)"
    }
}
