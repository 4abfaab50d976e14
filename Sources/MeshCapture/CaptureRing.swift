import Glibc
public import LinuxSystem

/// Packets between host and controller in a ring of btsnoop files, so that a daemon can capture for ever.
///
/// The newest file is `NAME.btsnoop`; the files before it are those of a ``FileRing``. Each can be opened on its own.
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
    private let ring: FileRing
    private var file: SharedDescriptor
    private var bytes = BTSnoopFormat.fileHeader.count
    private var lost: UInt32 = 0

    /// Begins a new file; those of an earlier run move on.
    ///
    /// - Throws: ``SystemError`` if the file cannot be created.
    public init(_ configuration: Configuration) throws(SystemError) {
        self.configuration = configuration
        ring = FileRing(
            folder: configuration.folder,
            name: configuration.name,
            ending: "btsnoop",
            files: configuration.files
        )
        file = try ring.begin(mode: Self.mode, with: BTSnoopFormat.fileHeader)
    }

    private static let mode: mode_t = 0o640

    /// Stores a packet, H4 with the type byte first, at a time in microseconds since 1970.
    public func store(_ packet: [UInt8], sent: Bool, microseconds: UInt64) {
        let size = BTSnoopFormat.recordHeaderSize + packet.count
        if bytes + size > configuration.fileBytes { beginNext() }
        let stored = configuration.includesKeys ? packet : KeyRedaction.redacted(packet)
        let record = BTSnoopFormat.record(stored, sent: sent, lost: lost, microseconds: microseconds)
        guard bytes + size <= configuration.fileBytes else {
            lost &+= 1
            return
        }
        do throws(SystemError) {
            try file.append(record, behind: bytes)
            bytes += size
        } catch {
            lost &+= 1
        }
    }

    private func beginNext() {
        guard let next = try? ring.begin(mode: Self.mode, with: BTSnoopFormat.fileHeader) else { return }
        file = next
        bytes = BTSnoopFormat.fileHeader.count
    }
}
