import Glibc
import LinuxSystem
import Testing

/// A folder that is gone, with what is in it, when nobody holds it any more.
final class Folder {
    let path: String
    private var names: Set<String> = []

    init() throws {
        var template = Array("/tmp/thicket-daemon-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// The path of a file that goes with the folder.
    func file(_ name: String) -> String {
        names.insert(name)
        return "\(path)/\(name)"
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let number = open(file(name), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard number >= 0 else { throw SystemError("open") }
        try FileDescriptor(number).writeAll(bytes)
    }

    /// The content of a file, nil if there is none.
    func read(_ name: String) throws -> [UInt8]? {
        let number = open("\(path)/\(name)", O_RDONLY)
        guard number >= 0 else { return nil }
        let file = FileDescriptor(number)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while let count = try file.read(into: &buffer), count > 0 { bytes += buffer.prefix(count) }
        return bytes
    }
}
