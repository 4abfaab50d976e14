import ByteCoding
import MeshWire

/// What a transfer by Thicket says of its content in the metadata of its START (protocol §10.3, which leaves them free).
///
/// Little-endian, 12...40 bytes.
///
/// | offset | size   | field    | meaning                                                            |
/// |-------:|-------:|----------|--------------------------------------------------------------------|
/// |      0 |      4 | size     | bytes of the content                                               |
/// |      4 |      4 | checksum | CRC-32 of the content, as in zlib                                  |
/// |      8 |      4 | serial   | of a message: random, tells it from one that says the same; else 0 |
/// |     12 | 0...28 | name     | of a file, in UTF-8; nothing for a message                         |
struct TransferNote: Equatable {
    /// Marks transfers with this note: the first of the protocol's numbers for users.
    static let dataProtocol = RawDataProtocol(rawValue: 200)
    /// Bytes of a name.
    static let nameBytesMax = 28

    /// Bytes of the content.
    var size: UInt32
    /// CRC-32 of the content.
    var checksum: UInt32
    /// Tells equal messages apart; files have none, so that an interrupted transfer can be taken up.
    var serial: UInt32
    /// Name of the file; empty: a message.
    var name: String

    /// The note of a message.
    init(message: [UInt8], serial: UInt32) {
        self.init(content: message, serial: serial, name: "")
    }

    /// The note of a file; a longer name loses its middle, not its ending.
    init(file: [UInt8], name: String) {
        self.init(content: file, serial: 0, name: Self.shortened(name))
    }

    private init(content: [UInt8], serial: UInt32, name: String) {
        size = UInt32(content.count)
        checksum = CRC.crc32(content)
        self.serial = serial
        self.name = name
    }

    private static func shortened(_ name: String) -> String {
        var name = name
        while name.utf8.count > nameBytesMax {
            // Twelve characters stay at the end: enough for what tells the kind of the file.
            name.remove(at: name.index(name.endIndex, offsetBy: -min(13, name.count)))
        }
        return name
    }

    /// Whether a content is the one that was announced.
    func fits(_ content: [UInt8]) -> Bool {
        content.count == Int(size) && CRC.crc32(content) == checksum
    }

    /// Reads metadata; nil if they are none of ours.
    init?(metadata: InlineBytes<40>) {
        let bytes = metadata.array
        guard bytes.count >= 12, let name = String(validating: bytes[12...], as: UTF8.self) else { return nil }
        size = Self.number(bytes[0..<4])
        checksum = Self.number(bytes[4..<8])
        serial = Self.number(bytes[8..<12])
        self.name = name
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The metadata.
    var metadata: InlineBytes<40> {
        let numbers = [size, checksum, serial].flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        return InlineBytes(numbers + name.utf8)
    }
}
