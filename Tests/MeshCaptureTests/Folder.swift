import Glibc
import LinuxSystem
import Testing

/// A folder that is gone, with what is in it, when nobody holds it any more.
final class Folder {
    let path: String

    init() throws {
        var template = Array("/tmp/thicket-capture-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit { remove() }

    var names: [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { field in
                String(decoding: field.prefix { $0 > 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func remove() {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    func bytes(_ name: String) throws -> [UInt8] {
        let file = FileDescriptor(open("\(path)/\(name)", O_RDONLY))
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while let count = try file.read(into: &buffer), count > 0 { bytes += buffer.prefix(count) }
        return bytes
    }
}
