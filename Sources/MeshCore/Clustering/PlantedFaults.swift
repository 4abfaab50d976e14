/// Mistakes that tests plant into nodes, to see that the checks of invariants and the swarm find them.
///
/// Each breaks one rule on which safety rests. Nothing but tests sets any.
package struct PlantedFaults: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A node concedes whether it is the root or not.
    package static let anyNodeConcedes = PlantedFaults(rawValue: 1 << 0)
    /// A root concedes to any other key, not only to a greater one.
    package static let concedesToAnyKey = PlantedFaults(rawValue: 1 << 1)
    /// The part that lost its parent goes on under the key it had.
    package static let cutOffPartKeepsKey = PlantedFaults(rawValue: 1 << 2)
    /// Who hands the role over keeps it.
    package static let keepsHandedOverRole = PlantedFaults(rawValue: 1 << 3)
    /// The part that lost its parent takes a fresh key that may be smaller than the one it had.
    package static let freshKeyIsLow = PlantedFaults(rawValue: 1 << 4)
    /// A node that is left alone keeps the links that are not in the tree yet.
    package static let keepsEngagedLinks = PlantedFaults(rawValue: 1 << 5)
    /// The scan is taken to go on when the radio has failed.
    package static let keepsScanOfLostRadio = PlantedFaults(rawValue: 1 << 6)
    /// A lost link is kept, and what was behind it counted, however long it does not come back.
    package static let keepsLostLinks = PlantedFaults(rawValue: 1 << 7)

    /// All of them, by name.
    package static let names: KeyValuePairs<String, PlantedFaults> = [
        "anyNodeConcedes": anyNodeConcedes, "concedesToAnyKey": concedesToAnyKey,
        "cutOffPartKeepsKey": cutOffPartKeepsKey, "keepsHandedOverRole": keepsHandedOverRole,
        "freshKeyIsLow": freshKeyIsLow, "keepsEngagedLinks": keepsEngagedLinks,
        "keepsScanOfLostRadio": keepsScanOfLostRadio, "keepsLostLinks": keepsLostLinks,
    ]
}

extension Node {
    /// Whether a test wants a rule broken.
    func isPlanted(_ fault: PlantedFaults) -> Bool { configuration.graft.plantedFaults.contains(fault) }
}
