public import ByteCoding

/// Unpredictable bytes from the operating system, for keys, nonces and the one seed of a daemon.
public enum SystemRandom {
    /// As many bytes as the buffer can hold.
    public static func bytes<let count: Int>(
        as type: InlineBytes<count>.Type = InlineBytes<count>.self
    ) -> InlineBytes<count> {
        var generator = SystemRandomNumberGenerator()
        var bytes = InlineBytes<count>()
        for _ in 0..<count {
            bytes.append(UInt8.random(in: .min ... .max, using: &generator))
        }
        return bytes
    }

    /// A number to seed a deterministic stream with.
    public static func seed() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
