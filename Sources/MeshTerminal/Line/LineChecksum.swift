import MeshWire

/// The checksum behind a line: ` CRC: ` and a decimal CRC-32 of the bytes before the blank (protocol §11.3).
enum LineChecksum: Equatable {
    /// ` CRC: skip`: the line is taken unchecked.
    case skip
    /// What the line says its checksum is; nil if it is no number.
    case value(UInt32?)

    private static let mark = Array(" CRC: ".utf8)

    /// A line with its checksum behind it.
    static func append(to line: String) -> String { "\(line) CRC: \(value(of: line))" }

    /// The text and the checksum of a line, split at the first mark; nil if there is none.
    static func split(_ line: String) -> (text: String, checksum: LineChecksum)? {
        let bytes = Array(line.utf8)
        let starts = 0..<max(0, bytes.count - mark.count + 1)
        guard let start = starts.first(where: { bytes[$0...].starts(with: mark) }) else { return nil }
        let text = String(decoding: bytes[..<start], as: UTF8.self)
        let rest = String(decoding: bytes[(start + mark.count)...], as: UTF8.self)
        return (text, rest == "skip" ? .skip : .value(try? Arguments.number(rest)))
    }

    /// The checksum of a text.
    static func value(of text: String) -> UInt32 { CRC.crc32(text.utf8) }
}
