import MeshWire

// What the node tells of itself when asked for its capabilities (protocol §10.2).
extension Node {
    private static let manufacturer = "Thicket"
    private static let softwareRevision = "0.1"

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
        default: nil
        }
    }

    /// The version of the protocol in the usual form, for instance 1.1.1640.
    private var protocolRevision: String {
        let version = identity.hardware.version
        return "\(version / 10_000_000).\(version / 10_000 % 1000).\(version % 10_000)"
    }
}
