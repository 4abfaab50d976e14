package import ByteCoding

/// 128 bits that tell states apart: two lanes, each folded by a wide multiplication.
///
/// Not for keys; among a hundred million states two different ones collide with a probability below 10^-22.
package struct StateDigest: Hashable, Sendable {
    package private(set) var low: UInt64 = 0x243F_6A88_85A3_08D3
    package private(set) var high: UInt64 = 0x1319_8A2E_0370_7344

    package init() {}

    /// Takes a word.
    package mutating func add(_ word: UInt64) {
        let first = (low ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        low = first.high ^ first.low &+ 0xA409_3822_299F_31D0
        let second = (high &+ word ^ 0x082E_FA98_EC4E_6C89).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        high = second.high ^ second.low &+ word
    }

    /// Takes a number.
    package mutating func add(_ number: some BinaryInteger) { add(UInt64(truncatingIfNeeded: number)) }

    /// Takes a flag.
    package mutating func add(_ flag: Bool) { add(flag ? UInt64(1) : 0) }

    /// Takes bytes and their number.
    package mutating func add<let capacity: Int>(_ bytes: InlineBytes<capacity>) {
        add(UInt64(bytes.count))
        var word: UInt64 = 0
        for index in 0..<bytes.count {
            word = word << 8 | UInt64(bytes[index])
            if index & 7 == 7 {
                add(word)
                word = 0
            }
        }
        add(word)
    }
}
