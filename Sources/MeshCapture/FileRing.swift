import Glibc
import LinuxSystem

/// Files of one kind that move on one number when a new one begins; the oldest is deleted.
///
/// The newest is `NAME.ENDING`, the one before it `NAME.1.ENDING`, and so on.
public struct FileRing: Sendable, Equatable {
    private let prefix: String
    private let suffix: String
    private let files: Int

    /// A ring of at least one file.
    public init(folder: String, name: String, ending: String, files: Int) {
        prefix = "\(folder)/\(name)"
        suffix = ".\(ending)"
        self.files = files
    }

    /// A single file, which takes the place of one that is there.
    public init(path: String) {
        prefix = path
        suffix = ""
        files = 1
    }

    /// Path of the file with a number, 0 the newest.
    public func path(_ number: Int = 0) -> String {
        prefix + (number == 0 ? "" : ".\(number)") + suffix
    }

    /// Begins a new file; those that are there move on only once there is one to make room for.
    ///
    /// - Parameters:
    ///   - mode: its permissions.
    ///   - beginning: its first bytes.
    /// - Returns: the file, open for writing behind these bytes.
    /// - Throws: ``SystemError`` if it cannot be created; nothing has moved then.
    func begin(mode: mode_t, with beginning: [UInt8]) throws(SystemError) -> SharedDescriptor {
        let new = path() + ".new"
        // What an earlier run left there may have other permissions.
        unlink(new)
        let number = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard number >= 0 else { throw SystemError("create \(path())") }
        let file = SharedDescriptor(FileDescriptor(number))
        do throws(SystemError) {
            try file.descriptor.writeAll(beginning)
        } catch {
            unlink(new)
            throw error
        }
        unlink(path(max(1, files) - 1))
        for number in stride(from: files - 2, through: 0, by: -1) {
            rename(path(number), path(number + 1))
        }
        guard rename(new, path()) == 0 else { throw SystemError("create \(path())") }
        return file
    }
}

extension SharedDescriptor {
    /// Appends to a regular file of so many bytes, all or nothing: half of it would spoil what comes after.
    ///
    /// - Throws: ``SystemError`` if the disk does not take all of it; the file is as it was then.
    func append(_ content: [UInt8], behind bytes: Int) throws(SystemError) {
        do throws(SystemError) {
            try descriptor.writeAll(content)
        } catch {
            ftruncate(descriptor.rawValue, off_t(bytes))
            lseek(descriptor.rawValue, off_t(bytes), SEEK_SET)
            throw error
        }
    }
}
