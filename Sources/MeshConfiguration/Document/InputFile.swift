import FoundationEssentials

/// Text of a file that a person wrote.
enum InputFile {
    /// The whole file as UTF-8 text.
    ///
    /// - Throws: if there is no such file, or it is too long, or no text.
    static func text(at path: String) throws(ConfigurationError) -> String {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw ConfigurationError(file: path, problem: "no such file")
        }
        guard !isDirectory else { throw ConfigurationError(file: path, problem: "is a folder, not a file") }
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw ConfigurationError(file: path, problem: "cannot be read")
        }
        guard data.count <= DocumentLimits.bytes else {
            throw ConfigurationError(
                file: path,
                problem: "too long: \(data.count) bytes",
                allowed: "at most \(DocumentLimits.bytes) bytes"
            )
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw ConfigurationError(file: path, problem: "not text", allowed: "UTF-8")
        }
        return text
    }

    /// The text of a file with a secret in it, without white space around it.
    ///
    /// - Throws: also if somebody else than the owner may read it.
    static func secret(at path: String) throws(ConfigurationError) -> String {
        let text = try text(at: path)
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let mode = attributes?[.posixPermissions] as? Int, mode & 0o077 == 0 else {
            throw ConfigurationError(
                file: path,
                problem: "others than its owner may read it",
                allowed: "mode 0600; run 'chmod 600 \(path)'"
            )
        }
        return text.split(whereSeparator: \.isWhitespace).joined()
    }

    /// Whether there is anything at the path.
    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// A path written in `file`: relative ones start at the folder of that file.
    static func path(_ path: String, relativeTo file: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }
}
