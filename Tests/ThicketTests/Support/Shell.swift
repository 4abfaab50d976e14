import Glibc
import Testing

/// The built program, started as a user starts it.
enum Shell {
    /// What a command left behind.
    struct Result {
        var output: String
        var exitCode: Int32

        /// Lines of the output, without empty ones; a carriage return ends a line, too.
        var lines: [String] { output.split(whereSeparator: \.isNewline).map(String.init) }
    }

    /// Root of the sources.
    static let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

    /// The executable; it is built into the folder of the test bundle.
    static func thicket() throws -> String {
        let bundle = try #require(
            realpath("/proc/self/exe", nil).map { path in
                defer { free(path) }
                return String(cString: path)
            }
        )
        let folder = bundle.split(separator: "/").dropLast().joined(separator: "/")
        let path = "/\(folder)/thicket"
        try #require(access(path, X_OK) == 0, "\(path) has not been built")
        return path
    }

    /// Runs a command line; standard error is part of the output only if it says `2>&1`.
    static func run(_ command: String) throws -> Result {
        let stream = try #require(popen("exec 2>/dev/null; \(command)", "r"))
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&buffer, 1, buffer.count, stream)
            guard count > 0 else { break }
            output += buffer[..<count]
        }
        let status = pclose(stream)
        // A shell gives the exit code in the second byte, and zero in the first if there was no signal.
        return Result(
            output: String(decoding: output, as: UTF8.self),
            exitCode: status & 0x7F == 0 ? status >> 8 & 0xFF : -1
        )
    }
}
