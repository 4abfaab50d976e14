public import MeshWire
public import RadioPort

/// The 64-bit number that a session key is made from and that then counts the packets of one direction (protocol §6.5).
///
/// Never draw it from a seeded stream outside the simulator: a repeated nonce repeats the key stream.
@frozen
public struct AccessNonce: Hashable, Sendable {
    /// Word 0, constant over a session.
    public var first: UInt32
    /// Word 1, the one that counts.
    public var second: UInt32

    /// A nonce from its words.
    @inlinable
    public init(first: UInt32, second: UInt32) {
        self.first = first
        self.second = second
    }

    /// The block whose encipherment is the key stream of a packet: both words, then zeros.
    public var block: Key128 { Key128(low: UInt64(first) | UInt64(second) << 32, high: 0) }

    /// The nonce `count` further on, modulo 2^32 in the second word.
    public func advanced(by count: UInt32) -> AccessNonce {
        AccessNonce(first: first, second: second &+ count)
    }

    /// The block whose encipherment under the long-term key is the session key: the central's node id, both words, zeros.
    public func sessionBlock(central: NodeID) -> Key128 {
        Key128(
            low: UInt64(central.rawValue) | UInt64(first) << 16 | UInt64(second) << 48,
            high: UInt64(second) >> 16
        )
    }
}
