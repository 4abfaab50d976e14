/// Numbers that tell the answers to one request from those to another.
///
/// They are drawn at random, so that two programs at one node hardly ever share one; a number comes again only when many others
/// have been used.
struct RequestHandles {
    private static let remembered = 128
    private var recent: [UInt8] = []

    /// The next number, 1...255: 0 is what those use who want no answer.
    mutating func next(using generator: inout some RandomNumberGenerator) -> UInt8 {
        var handle: UInt8
        repeat { handle = UInt8.random(in: 1...255, using: &generator) } while recent.contains(handle)
        if recent.count == Self.remembered { recent.removeFirst() }
        recent.append(handle)
        return handle
    }

    /// The next number from the system's generator.
    mutating func next() -> UInt8 {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }
}
