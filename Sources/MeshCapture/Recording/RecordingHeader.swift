import ByteCoding
public import MeshCore
import MeshCrypto
import MeshWire

/// What a recording begins with: all that a node is made from, in clear but for the keys.
///
/// ``MeshCapture`` has the table. Whatever is wrong in it is found by the checksum at its end.
public struct RecordingHeader: Sendable {
    /// Version of the format that this code writes and reads.
    ///
    /// It grows with every change of what is written, fields of ``Configuration`` included: bytes of another version are
    /// not guessed at.
    public static let formatVersion: UInt16 = 2

    /// Version of the program that recorded, at most 32 bytes of UTF-8.
    public var program: String
    /// When it began, in seconds since 1970; 0 in a simulation.
    public var beganAt: UInt64
    /// Who the node was; without its keys if the recording leaves them out.
    public var identity: Identity
    /// How it behaved.
    public var configuration: Configuration
    /// The seed of its random stream.
    public var seed: UInt64
    /// Whether the keys are in the recording, so that it can be replayed on its own.
    public var includesKeys: Bool
    /// Mixed into the key that seals the rest.
    let salt: InlineBytes<16>

    /// The header of a new recording.
    ///
    /// - Parameters:
    ///   - program: version of the program.
    ///   - beganAt: seconds since 1970; 0 in a simulation.
    ///   - identity: who the node is, with its keys.
    ///   - configuration: how it behaves.
    ///   - seed: of its random stream.
    ///   - includesKeys: whether the keys are stored.
    public init(
        program: String,
        beganAt: UInt64,
        identity: Identity,
        configuration: Configuration,
        seed: UInt64,
        includesKeys: Bool
    ) {
        self.program = program
        self.beganAt = beganAt
        self.identity = identity
        self.configuration = configuration
        self.seed = seed
        self.includesKeys = includesKeys
        salt = SystemRandom.bytes()
    }

    // MARK: - Format

    static let magic = Array("THICKREC".utf8)
    /// Magic, version, number of bytes of the rest.
    static let prefixSize = 12
    private static let checksumSize = 4

    /// The header as it stands in a file.
    ///
    /// - Throws: ``CodingError/overflow(capacity:)`` if the name of the program is too long.
    func encoded() throws(CodingError) -> [UInt8] {
        let seal = RecordingSeal(keys: identity.keys, salt: salt)
        guard program.utf8.count <= 32 else { throw .overflow(capacity: 32) }
        let body = try InlineBytes<1024> { (writer) throws(CodingError) in
            try InlineBytes<32>(program.utf8).record(into: &writer)
            try beganAt.record(into: &writer)
            try identity.record(into: &writer)
            try configuration.record(into: &writer)
            try writer.write(seed)
            try writer.write(salt)
            try writer.write(seal.check)
            try (includesKeys ? identity.keys : nil).record(into: &writer)
        }
        let prefix = try InlineBytes<12> { (writer) throws(CodingError) in
            for byte in Self.magic { try writer.write(byte) }
            try writer.write(Self.formatVersion)
            try writer.write(UInt16(body.count + Self.checksumSize))
        }
        let content = prefix.array + body.array
        let checksum = CRC.crc32(content)
        return content + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> ($0 * 8)) }
    }

    /// Reads the header of a recording, and how many bytes it takes.
    static func decoded(_ bytes: [UInt8]) throws(RecordingError) -> (header: Self, check: UInt64, size: Int) {
        guard bytes.starts(with: magic) else {
            throw magic.starts(with: bytes) && !bytes.isEmpty ? .cutInHeader : .notARecording
        }
        guard bytes.count >= prefixSize else { throw .cutInHeader }
        let version = UInt16(bytes[8]) | UInt16(bytes[9]) << 8
        guard version == formatVersion else { throw .otherFormat(version) }
        let size = prefixSize + Int(UInt16(bytes[10]) | UInt16(bytes[11]) << 8)
        guard bytes.count >= size else { throw .cutInHeader }
        let content = bytes[..<max(prefixSize, size - checksumSize)]
        let checksum = bytes[content.endIndex..<size].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard size <= prefixSize + 1024 + checksumSize, checksum == CRC.crc32(content) else { throw .headerDamaged }
        do throws(CodingError) {
            let (header, check) = try InlineBytes<1024>(content.dropFirst(prefixSize)).withBytes {
                (span) throws(CodingError) in
                var reader = ByteReader(span)
                let read = try (Self(from: &reader), reader.read(UInt64.self), NodeKeys?(recorded: &reader))
                try reader.expectEnd()
                var header = read.0
                header.includesKeys = read.2 != nil
                header.identity.keys = read.2 ?? header.identity.keys
                return (header, read.1)
            }
            return (header, check, size)
        } catch {
            throw .headerDamaged
        }
    }

    private init(from reader: inout ByteReader) throws(CodingError) {
        program = String(decoding: try InlineBytes<32>(recorded: &reader).array, as: UTF8.self)
        beganAt = try UInt64(recorded: &reader)
        identity = try Identity(recorded: &reader)
        configuration = try Configuration(recorded: &reader)
        seed = try reader.read()
        salt = try reader.readBytes(16)
        includesKeys = false
    }
}
