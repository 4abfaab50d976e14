public import ByteCoding

/// Levels of up to five pins (protocol §10.7, AR 6/2).
///
/// 11 bytes: pairs of pin and level, ended by 0xFF; what follows has no meaning and is kept.
public struct PinLevels: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 11
    private static let end: UInt8 = 0xFF

    private var bytes: FixedBytes<11>

    /// One pin.
    public struct Level: Hashable, Sendable {
        /// Number of the pin.
        public var pin: UInt8
        /// Its level, 0 or 1.
        public var level: UInt8

        /// A pin and its level.
        public init(pin: UInt8, level: UInt8) {
            self.pin = pin
            self.level = level
        }
    }

    /// The first five of `levels`, ended by 0xFF.
    public init(_ levels: [Level]) {
        bytes = FixedBytes(repeating: Self.end)
        for (index, entry) in levels.prefix(5).enumerated() {
            bytes[index * 2] = entry.pin
            bytes[index * 2 + 1] = entry.level
        }
    }

    /// The pairs before the end mark.
    public var levels: [Level] {
        var levels: [Level] = []
        while levels.count < 5, bytes[levels.count * 2] != Self.end {
            levels.append(Level(pin: bytes[levels.count * 2], level: bytes[levels.count * 2 + 1]))
        }
        return levels
    }

    /// Decodes all 11 bytes.
    public init(from reader: inout ByteReader) throws(CodingError) {
        bytes = try FixedBytes(from: &reader)
    }

    /// Encodes all 11 bytes.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try bytes.encode(into: &writer)
    }
}
