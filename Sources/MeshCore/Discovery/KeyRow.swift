/// Keys of 16 bits, side by side, four to a word: what is looked through for every advertisement is looked through a word at a time.
struct KeyRow<let words: Int>: Sendable {
    private var lanes: InlineArray<words, UInt64> = InlineArray(repeating: 0)

    private static var ones: UInt64 { 0x0001_0001_0001_0001 }
    private static var highs: UInt64 { 0x8000_8000_8000_8000 }

    /// Puts a key at a place, 0..<4 · `words`; every place holds 0 at first.
    @inline(__always)
    mutating func set(_ key: UInt16, at place: Int) {
        let shift = UInt64(place & 3) << 4
        lanes[place >> 2] = lanes[place >> 2] & ~(0xFFFF << shift) | UInt64(key) << shift
    }

    /// The first place from `start` on that holds a key, -1 if there is none.
    @inline(__always)
    func place(of key: UInt16, from start: Int = 0) -> Int {
        let wanted = UInt64(key) &* Self.ones
        var word = start >> 2
        // What is before the start looks different.
        var before = UInt64(1) << (UInt64(start & 3) << 4) &- 1
        while word < words {
            let difference = (lanes[word] ^ wanted) | before
            // The lowest lane without any bit: it borrows, and had no highest bit.
            let equal = (difference &- Self.ones) & ~difference & Self.highs
            if equal != 0 { return word << 2 + equal.trailingZeroBitCount >> 4 }
            before = 0
            word += 1
        }
        return -1
    }
}
