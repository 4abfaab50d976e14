import MeshConfiguration

/// A configuration that a daemon on this machine would read.
struct NodeSetup {
    /// Its path.
    var path: String
    /// What is in it; nil if it is not good, or not there.
    var file: NodeConfigurationFile?
    /// What is wrong with it.
    var problem: String?
    /// The file with its key, if that is another one.
    var keyFile: String?

    /// Where `thicketd --adapter` looks, without repetition; the common one if there is no adapter.
    static func all(for adapters: [String], _ files: MachineFiles) -> [NodeSetup] {
        var paths: [String] = []
        for adapter in adapters {
            let own = "\(folder)/\(adapter).yaml"
            let path = files.exists(own) ? own : common
            if !paths.contains(path) { paths.append(path) }
        }
        return (paths.isEmpty ? [common] : paths).map { NodeSetup($0, files) }
    }

    private static let folder = "/etc/thicket"
    private static let common = "/etc/thicket/thicket.yaml"

    private init(_ path: String, _ files: MachineFiles) {
        self.path = path
        guard files.exists(path) else { return }
        do throws(ConfigurationError) {
            file = try NodeConfigurationFile(path: files.path(path))
        } catch {
            problem = error.description
        }
        let text = String(decoding: files.bytes(path), as: UTF8.self)
        let keys = try? Field(document: DocumentNode(yaml: text, file: path), file: path)
            .section([], ignoringOthers: true)
        keyFile = try? keys?.optional("key_file")?.text("a path")
        // Relative to the file that names it.
        if let name = keyFile, !name.hasPrefix("/") { keyFile = "\(Self.folder)/\(name)" }
    }
}
