import ByteCoding

/// Bytes from the system's random generator, kept for nonces; each is given out once.
struct EntropyPool: Sendable {
    private var bytes = InlineBytes<32>()

    /// Whether more bytes are welcome.
    var isLow: Bool { bytes.count < Limits.entropyBytes / 2 }

    /// Takes as many bytes as there is room for.
    mutating func add(_ fresh: InlineBytes<32>) {
        for index in 0..<min(fresh.count, Limits.entropyBytes - bytes.count) {
            bytes.append(fresh[index])
        }
    }

    /// The next nonce; nil if fewer than 8 bytes are left.
    mutating func drawNonce() -> AccessNonce? {
        guard bytes.count >= 8 else { return nil }
        var words: (UInt32, UInt32) = (0, 0)
        for index in 0..<4 {
            words.0 |= UInt32(bytes[index]) << (UInt32(index) * 8)
            words.1 |= UInt32(bytes[index + 4]) << (UInt32(index) * 8)
        }
        var rest = InlineBytes<32>()
        for index in 8..<bytes.count {
            rest.append(bytes[index])
        }
        bytes = rest
        return AccessNonce(first: words.0, second: words.1)
    }
}

extension Node {
    /// A nonce, and a request for more bytes if few are left; nil if none can be had, then the caller must do without.
    mutating func drawNonce(into outputs: inout Outputs) -> AccessNonce? {
        let nonce = entropy.drawNonce()
        if entropy.isLow {
            outputs.append(.needsEntropy)
        }
        return nonce
    }
}
