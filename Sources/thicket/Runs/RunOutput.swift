import ArgumentParser
import Glibc

/// A file that a run fills while it goes on.
struct RunOutput: ~Copyable {
    private let path: String
    private let stream: UnsafeMutablePointer<FILE>

    /// Creates the file, or empties it.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - option: the option that names it.
    /// - Throws: a usage error if that is not possible.
    init(path: String, option: String) throws {
        guard let stream = fopen(path, "we") else {
            throw ValidationError("\(option) \(path): \(String(cString: strerror(errno)))")
        }
        self.path = path
        self.stream = stream
    }

    deinit {
        fclose(stream)
    }

    /// Writes a text.
    ///
    /// - Throws: ``InternalError`` if it cannot be written.
    func write(_ text: String) throws {
        guard fputs(text, stream) >= 0 else { throw failure }
    }

    /// Writes bytes.
    ///
    /// - Throws: ``InternalError`` if they cannot be written.
    func write(_ bytes: [UInt8]) throws {
        guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else { throw failure }
    }

    /// Makes sure that everything is in the file.
    ///
    /// - Throws: ``InternalError`` if it is not.
    func flush() throws {
        guard fflush(stream) == 0 else { throw failure }
    }

    private var failure: InternalError { InternalError(text: "\(path): \(String(cString: strerror(errno)))") }
}
