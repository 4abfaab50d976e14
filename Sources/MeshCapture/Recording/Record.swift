import ByteCoding
import MeshCore
import RadioPort

/// Why a recording ended.
public enum RecordingEnd: UInt8, Sendable, Equatable {
    /// The program ended or somebody asked.
    case stopped = 0
    /// The file reached its limit.
    case full = 1
    /// The node was restarted.
    case restarted = 2
    /// There was an input that the format has no room for.
    case inputTooLong = 3
}

extension RecordingEnd: Recordable {}

/// An input, when it came, and what came of it.
struct RecordedInput: Sendable {
    var at: Instant
    var input: Input
    /// The low 16 bits of the digest behind it; nil if it did not change the digest.
    var check: UInt16?
}

extension OutputDigest {
    /// The low 16 bits: enough to find the first input that is answered differently.
    var check: UInt16 { UInt16(truncatingIfNeeded: value) }
}

/// One entry of a recording.
enum Record: Sendable {
    case input(RecordedInput)
    /// The digest of all outputs so far.
    case checkpoint(UInt64)
    case end(RecordingEnd)

    /// Whether outputs followed.
    private static let checkBit: UInt8 = 0x80

    /// Reads one; `last` is the time of the input before.
    init(from reader: inout ByteReader, after last: Instant) throws(CodingError) {
        let tag = try reader.read(UInt8.self)
        guard let kind = RecordKind(rawValue: tag & ~Self.checkBit) else {
            throw .invalidField("kind", value: UInt64(tag))
        }
        switch kind {
        case .checkpoint: self = .checkpoint(try reader.read())
        case .end: self = .end(try RecordingEnd(recorded: &reader))
        default:
            let at = last.advanced(byMicroseconds: try reader.readVarint())
            guard let input = try Input(recorded: kind, from: &reader) else {
                throw .invalidField("kind", value: UInt64(tag))
            }
            self = .input(
                RecordedInput(at: at, input: input, check: tag & Self.checkBit == 0 ? nil : try reader.read())
            )
        }
    }

    func encode(into writer: inout ByteWriter, after last: Instant) throws(CodingError) {
        switch self {
        case .input(let recorded):
            let bit = recorded.check == nil ? 0 : Self.checkBit
            try writer.write(RecordKind(recorded.input).rawValue | bit)
            try writer.writeVarint(recorded.at.microseconds(since: last))
            try recorded.input.record(into: &writer)
            if let check = recorded.check { try writer.write(check) }
        case .checkpoint(let digest):
            try writer.write(RecordKind.checkpoint.rawValue)
            try writer.write(digest)
        case .end(let end):
            try writer.write(RecordKind.end.rawValue)
            try end.record(into: &writer)
        }
    }
}
