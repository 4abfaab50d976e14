import ArgumentParser
import MeshCore

/// Mistakes that are planted into the nodes on purpose, for tests of what looks for mistakes.
enum PlantOption {
    /// The mistake of a name.
    static func fault(_ text: String) throws -> PlantedFaults {
        guard let fault = PlantedFaults.names.first(where: { $0.key == text }) else {
            let names = PlantedFaults.names.map(\.key).joined(separator: ", ")
            throw ValidationError("mistake '\(text)' does not exist; there is: \(names)")
        }
        return fault.value
    }

    /// The options that plant some mistakes again; none if there are none.
    static func words(_ faults: PlantedFaults) -> [String] {
        PlantedFaults.names.filter { faults.contains($0.value) }.map { "--plant \($0.key)" }
    }
}
