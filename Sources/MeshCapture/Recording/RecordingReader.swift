import ByteCoding
import Glibc
import LinuxSystem
public import MeshCore
import RadioPort

/// Reads a recording chunk by chunk.
public struct RecordingReader {
    /// What the node is made from, with the keys that were found or given.
    public let header: RecordingHeader
    /// Bytes of the file.
    public var size: Int { bytes.count }

    /// Where and why a recording cannot be read any further.
    public struct Damage: Equatable, Sendable, CustomStringConvertible {
        /// What is wrong.
        public enum Kind: Equatable, Sendable {
            /// The file ends within a chunk.
            case cutShort
            /// Bytes are not those that were written.
            case spoilt
            /// There is something behind the end.
            case overlong
        }

        /// What is wrong.
        public var kind: Kind
        /// First byte of the file that is of no use.
        public var offset: Int
        /// How many there are from there on.
        public var bytes: Int

        /// In words.
        public var description: String {
            let what =
                switch kind {
                case .cutShort: "cut short"
                case .spoilt: "damaged"
                case .overlong: "followed by something else"
                }
            return "\(what): \(bytes) bytes from byte \(offset) on are of no use"
        }
    }

    /// What comes next.
    enum Piece {
        case records([Record])
        case damage(Damage)
        /// No byte is left; whether an end was written tells the last record.
        case finished
    }

    private let bytes: [UInt8]
    private let seal: RecordingSeal
    private let inflater = Inflater()
    private var offset: Int
    private var chunks: UInt64 = 0
    private var last = Instant.zero
    private var hasEnded = false

    /// Longer files are refused; the recorder writes none.
    public static let bytesMax = 1_000_000_000
    /// Bytes of a chunk, sealed or not; the recorder's are much shorter.
    private static let chunkBytesMax = 1_000_000

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - keys: what is needed if the recording leaves the keys out.
    /// - Throws: ``RecordingError`` if nothing of it can be replayed.
    public init(path: String, keys: NodeKeys?) throws(RecordingError) {
        try self.init(Self.content(of: path), keys: keys)
    }

    /// Opens the content of a file.
    ///
    /// - Parameters:
    ///   - bytes: the content.
    ///   - keys: what is needed if the recording leaves the keys out.
    /// - Throws: ``RecordingError`` if nothing of it can be replayed.
    public init(_ bytes: [UInt8], keys: NodeKeys?) throws(RecordingError) {
        var (header, check, size) = try RecordingHeader.decoded(bytes)
        if !header.includesKeys {
            guard let keys else { throw .keysMissing }
            header.identity.keys = keys
        }
        seal = RecordingSeal(keys: header.identity.keys, salt: header.salt)
        guard seal.check == check else { throw .wrongKeys }
        self.header = header
        self.bytes = bytes
        offset = size
    }

    private static func content(of path: String) throws(RecordingError) -> [UInt8] {
        let number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw .unreadable(SystemError("open")) }
        let file = FileDescriptor(number)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        do throws(SystemError) {
            while let count = try file.read(into: &buffer), count > 0 {
                bytes += buffer.prefix(count)
                guard bytes.count <= bytesMax else { break }
            }
        } catch {
            throw .unreadable(error)
        }
        guard bytes.count <= bytesMax else { throw .tooLong }
        return bytes
    }

    /// The records up to the next checkpoint.
    mutating func next() -> Piece {
        guard offset < bytes.count else { return .finished }
        guard !hasEnded else { return damage(.overlong) }
        guard bytes.count - offset >= 4 else { return damage(.cutShort) }
        let size = bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard size <= Self.chunkBytesMax else { return damage(.spoilt) }
        guard bytes.count - offset - 4 >= size else { return damage(.cutShort) }
        let sealed = bytes[offset + 4..<offset + 4 + size]
        guard let compressed = seal.opened(sealed, chunk: chunks),
            let content = inflater.expanded(compressed, limit: Self.chunkBytesMax),
            let records = records(content)
        else { return damage(.spoilt) }
        offset += 4 + size
        chunks += 1
        return .records(records)
    }

    private func damage(_ kind: Damage.Kind) -> Piece {
        .damage(Damage(kind: kind, offset: offset, bytes: bytes.count - offset))
    }

    /// The records of a chunk; nil if it is none.
    private mutating func records(_ content: [UInt8]) -> [Record]? {
        var reader = ByteReader(content.span.bytes)
        var records: [Record] = []
        while reader.remaining > 0 {
            guard let record = try? Record(from: &reader, after: last) else { return nil }
            switch record {
            case .input(let input): last = input.at
            case .end: hasEnded = true
            case .checkpoint: break
            }
            records.append(record)
        }
        return records
    }
}
