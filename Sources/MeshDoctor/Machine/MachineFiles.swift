import Glibc
import LinuxSystem

/// The files of a machine below a folder, so that machines can be made up.
///
/// What is not there, or may not be read, is nil or empty. Everything is bounded: of a file the first 64 KiB are read, of a
/// folder the first 65,536 names. Text holds no control characters, whatever a device calls itself.
package struct MachineFiles {
    /// Stands before every path; empty for the machine itself.
    let root: String

    package init(root: String = "") { self.root = root }

    private static let bytesMax = 65_536
    private static let namesMax = 65_536

    /// The path on the machine that runs this program.
    func path(_ path: String) -> String { root + path }

    /// Whether there is something at a path.
    func exists(_ path: String) -> Bool { attributes(path) != nil }

    /// Whether a path cannot be looked at because a folder above it is closed to this user.
    func isHidden(_ path: String) -> Bool {
        var status = Glibc.stat()
        return stat(root + path, &status) != 0 && errno == EACCES
    }

    /// Names in a folder, sorted.
    func names(in path: String) -> [String] {
        guard let folder = opendir(root + path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while names.count < Self.namesMax, let entry = readdir(folder) {
            let bytes = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            // What is no text is no name of anything looked for.
            if let name = String(validating: bytes, as: UTF8.self), name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The first bytes of a file.
    func bytes(_ path: String) -> [UInt8] {
        // A file that waits for somebody to write is none to read.
        let number = open(root + path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard number >= 0 else { return [] }
        let file = FileDescriptor(number)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < Self.bytesMax, let count = try? file.read(into: &buffer), count > 0 {
            bytes += buffer.prefix(min(count, Self.bytesMax - bytes.count))
        }
        return bytes
    }

    /// The lines of a file.
    func lines(_ path: String) -> [String] {
        bytes(path).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Self.clean($0) }
    }

    /// The first line of a file; nil if it is empty.
    func line(_ path: String) -> String? { lines(path).first.flatMap { $0.isEmpty ? nil : $0 } }

    /// Text without control characters and without white space around it.
    static func clean(_ bytes: some Sequence<UInt8>) -> String {
        let scalars = String(decoding: Array(bytes), as: UTF8.self).unicodeScalars.map { scalar -> Unicode.Scalar in
            scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
                ? " " : scalar
        }
        var text = Substring(String(String.UnicodeScalarView(scalars)))
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// The last part of what a symbolic link names.
    func link(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.bindMemory(to: CChar.self).baseAddress.map { readlink(root + path, $0, bytes.count) } ?? -1
        }
        guard count > 0 else { return nil }
        return buffer[..<count].split(separator: UInt8(ascii: "/")).last.map { Self.clean($0) }
    }

    /// The folder that a path leads to in the end, to compare it with others.
    func place(_ path: String) -> String? {
        guard let resolved = realpath(root + path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Owner and mode of what is at a path.
    func attributes(_ path: String) -> FileAttributes? {
        var status = Glibc.stat()
        guard stat(root + path, &status) == 0 else { return nil }
        return FileAttributes(owner: status.st_uid, group: status.st_gid, mode: status.st_mode & 0o7777)
    }
}

/// Who may do what with a file.
struct FileAttributes: Equatable {
    var owner: UInt32
    var group: UInt32
    /// The twelve bits of the mode.
    var mode: UInt32

    /// Whether a user may do it.
    ///
    /// - Parameters:
    ///   - bits: 4 read, 2 write, 1 execute.
    ///   - person: the user.
    /// - Returns: as the kernel would decide; the superuser may do everything.
    func allow(_ bits: UInt32, _ person: Person) -> Bool {
        if person.user == 0 { return true }
        if owner == person.user { return mode >> 6 & bits == bits }
        if person.groups.contains(group) { return mode >> 3 & bits == bits }
        return mode & bits == bits
    }
}

/// A user with the groups that he is in.
struct Person: Equatable {
    var user: UInt32
    var groups: [UInt32]
}
