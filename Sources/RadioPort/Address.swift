import ByteCoding

/// A Bluetooth device address with its type (Core 5.4 Vol 6 Part B 1.3).
@frozen
public struct Address: Hashable, Sendable, CustomStringConvertible {
    /// How the address is to be read.
    @frozen
    public enum Kind: UInt8, Hashable, Sendable {
        /// Assigned by the manufacturer.
        case `public` = 0
        /// Random, static or private.
        case random = 1
    }

    /// The 48 bits as a number; the least significant byte is the first on air.
    public var value: UInt64
    /// Public or random.
    public var kind: Kind

    /// An address from its 48 bits; higher bits are cut off.
    @inlinable
    public init(value: UInt64, kind: Kind) {
        self.value = value & 0xFFFF_FFFF_FFFF
        self.kind = kind
    }

    /// Parses `c0:00:00:00:00:07`, most significant byte first; nil if the text has another form.
    public init?(text: some StringProtocol, kind: Kind) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6 else { return nil }
        var value: UInt64 = 0
        for part in parts {
            guard part.utf8.count == 2, let byte = Hex.decode(part)?.first else { return nil }
            value = value << 8 | UInt64(byte)
        }
        self.init(value: value, kind: kind)
    }

    /// Byte `index`, 0 the least significant, 0..<6.
    @inlinable
    public func byte(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: value >> (UInt64(index) * 8)) }

    /// Most significant byte first, lower case: `c0:00:00:00:00:07`.
    public var description: String {
        (0..<6).reversed().map { Hex.encode([byte($0)]) }.joined(separator: ":")
    }
}
