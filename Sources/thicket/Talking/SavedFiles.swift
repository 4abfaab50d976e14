import Glibc

/// The folder into which `thicket listen` puts files.
struct SavedFiles {
    /// A file could not be written, for this reason.
    struct Failure: Error {
        var text: String
    }

    /// Files of the same name; then the next one is refused.
    private static let namesakesMax = 999

    let folder: String

    /// Stores a file under its name, or with a number behind it if there is one of that name; none is ever overwritten.
    ///
    /// - Returns: its path, once it is on the disk.
    func store(_ content: [UInt8], name: String) throws(Failure) -> String {
        let name = Self.harmless(name)
        for number in 0...Self.namesakesMax {
            let path = folder + "/" + Self.numbered(name, number)
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
            if descriptor >= 0 {
                try write(content, to: descriptor, path)
                return path
            }
            guard errno == EEXIST else { throw Self.failure(path) }
        }
        throw Failure(text: "\(folder) has \(Self.namesakesMax) files named \(name)")
    }

    private func write(_ content: [UInt8], to descriptor: Int32, _ path: String) throws(Failure) {
        var rest = content[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        let isSynced = rest.isEmpty && fsync(descriptor) == 0
        let failure = Self.failure(path)
        close(descriptor)
        guard isSynced else {
            unlink(path)
            throw failure
        }
    }

    private static func failure(_ path: String) -> Failure {
        Failure(text: "cannot write \(path): \(String(cString: strerror(errno)))")
    }

    /// A name that stays in the folder and shows up in it: no slashes, no control characters, no dot in front.
    static func harmless(_ name: String) -> String {
        var safe = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            let isHarmful = scalar == "/" || scalar.properties.generalCategory == .control
            safe.append(isHarmful || safe.isEmpty && scalar == "." ? "_" : scalar)
        }
        return safe.isEmpty ? "file" : String(safe)
    }

    /// `a.txt`, `a-1.txt`, `a-2.txt`.
    static func numbered(_ name: String, _ number: Int) -> String {
        guard number > 0 else { return name }
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return "\(name)-\(number)" }
        return "\(name[..<dot])-\(number)\(name[dot...])"
    }
}
