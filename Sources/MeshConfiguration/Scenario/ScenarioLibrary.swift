import FoundationEssentials

/// The scenario files of a folder.
public enum ScenarioLibrary {
    /// Where a checkout keeps them.
    public static let folder = "Simulator/Scenarios"

    /// Paths of all scenario files in a folder, in alphabetical order; empty if there is no such folder.
    public static func files(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.sorted().map { folder + "/" + $0 }
    }
}
