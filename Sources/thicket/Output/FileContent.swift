import Glibc
import MeshConfiguration

/// Files as a whole.
enum FileContent {
    /// The bytes of a file.
    ///
    /// - Throws: `ConfigurationError` if it cannot be read or is longer than allowed.
    static func read(_ path: String, atMost limit: Int) throws(ConfigurationError) -> [UInt8] {
        guard let file = fopen(path, "re") else { throw failure(path) }
        defer { fclose(file) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            content += buffer[..<count]
            guard content.count <= limit else {
                throw ConfigurationError(file: path, problem: "too long", allowed: "at most \(limit >> 20) MiB")
            }
        }
        guard ferror(file) == 0 else { throw failure(path) }
        return content
    }

    /// Writes a file as a whole; what was there stays if that fails.
    ///
    /// - Throws: `ConfigurationError` if it cannot be written.
    static func write(_ text: String, to path: String) throws(ConfigurationError) {
        let draft = path + ".new"
        let file = fopen(draft, "we")
        guard let file, fputs(text, file) >= 0, fclose(file) == 0, rename(draft, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(draft)
            throw ConfigurationError(file: path, problem: "cannot be written: \(reason)")
        }
    }

    private static func failure(_ path: String) -> ConfigurationError {
        ConfigurationError(file: path, problem: "cannot be read: \(String(cString: strerror(errno)))")
    }
}
