import Glibc
public import LinuxSystem

/// Packets between host and controller in a ring of btsnoop files, so that a daemon can capture for ever.
///
/// The newest file is `NAME.btsnoop`; the one before it `NAME.1.btsnoop`, and so on. A file that is full moves on one number,
/// the oldest is deleted. Each can be opened on its own.
/// What a disk does not take is counted in the next record and does no other harm.
public final class CaptureRing {
    /// Where and how much.
    public struct Configuration: Sendable, Equatable {
        /// Folder of the files.
        public var folder: String
        /// Beginning of their names.
        public var name: String
        /// Number of files, at least 1.
        public var files: Int
        /// Bytes of a file.
        public var fileBytes: Int
        /// Whether keys are stored too.
        public var includesKeys: Bool

        /// A ring of files.
        public init(
            folder: String,
            name: String,
            files: Int = 4,
            fileBytes: Int = 4_000_000,
            includesKeys: Bool = false
        ) {
            self.folder = folder
            self.name = name
            self.files = files
            self.fileBytes = fileBytes
            self.includesKeys = includesKeys
        }
    }

    private let configuration: Configuration
    private var file: SharedDescriptor?
    private var bytes: Int
    private var lost: UInt32 = 0

    /// Begins a new file; those of an earlier run move on.
    ///
    /// - Throws: ``SystemError`` if the file cannot be created.
    public init(_ configuration: Configuration) throws(SystemError) {
        self.configuration = configuration
        Self.rotate(configuration)
        file = try Self.create(configuration)
        bytes = BTSnoopFormat.fileHeader.count
    }

    /// Stores a packet, H4 with the type byte first, at a time in microseconds since 1970.
    public func store(_ packet: [UInt8], sent: Bool, microseconds: UInt64) {
        let size = BTSnoopFormat.recordHeaderSize + packet.count
        if bytes + size > configuration.fileBytes { beginNext() }
        let stored = configuration.includesKeys ? packet : KeyRedaction.redacted(packet)
        let record = BTSnoopFormat.record(stored, sent: sent, lost: lost, microseconds: microseconds)
        guard let file, bytes + size <= configuration.fileBytes else {
            lost &+= 1
            return
        }
        do throws(SystemError) {
            try file.descriptor.writeAll(record)
            bytes += size
        } catch {
            lost &+= 1
            // Half a record would spoil those behind it.
            ftruncate(file.descriptor.rawValue, off_t(bytes))
            lseek(file.descriptor.rawValue, off_t(bytes), SEEK_SET)
        }
    }

    private func beginNext() {
        // The files move on only if there is a new one to make room for.
        guard let next = try? Self.create(configuration, suffix: ".new") else { return }
        Self.rotate(configuration)
        rename(Self.path(configuration, 0) + ".new", Self.path(configuration, 0))
        file = next
        bytes = BTSnoopFormat.fileHeader.count
    }

    private static func path(_ configuration: Configuration, _ number: Int) -> String {
        "\(configuration.folder)/\(configuration.name)\(number == 0 ? "" : ".\(number)").btsnoop"
    }

    private static func rotate(_ configuration: Configuration) {
        unlink(path(configuration, max(1, configuration.files) - 1))
        for number in stride(from: configuration.files - 2, through: 0, by: -1) {
            rename(path(configuration, number), path(configuration, number + 1))
        }
    }

    private static func create(
        _ configuration: Configuration,
        suffix: String = ""
    ) throws(SystemError) -> SharedDescriptor {
        let path = path(configuration, 0) + suffix
        let number = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard number >= 0 else { throw SystemError("create \(path)") }
        let file = SharedDescriptor(FileDescriptor(number))
        try file.descriptor.writeAll(BTSnoopFormat.fileHeader)
        return file
    }
}
