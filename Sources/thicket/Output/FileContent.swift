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
        guard let file = fopen(draft, "we") else { throw unwritable(path, errno) }
        // Closed in any case; the first thing that went wrong is told.
        let writing = fputs(text, file) >= 0 ? 0 : errno
        let closing = fclose(file) == 0 ? 0 : errno
        guard writing == 0, closing == 0, rename(draft, path) == 0 else {
            let reason = [writing, closing, errno].first { $0 != 0 }
            unlink(draft)
            throw unwritable(path, reason ?? 0)
        }
    }

    private static func unwritable(_ path: String, _ reason: Int32) -> ConfigurationError {
        ConfigurationError(file: path, problem: "cannot be written: \(String(cString: strerror(reason)))")
    }

    private static func failure(_ path: String) -> ConfigurationError {
        ConfigurationError(file: path, problem: "cannot be read: \(String(cString: strerror(errno)))")
    }
}
