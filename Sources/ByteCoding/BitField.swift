/// A run of bits inside an integer, counted from the least significant bit (protocol §0).
///
/// ```swift
/// static let freeIn = BitField<UInt8>(offset: 0, width: 3)
/// let free = Self.freeIn.get(byte)
/// Self.freeIn.set(2, in: &byte)
/// ```
@frozen
public struct BitField<Word: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    @usableFromInline let offset: Int
    @usableFromInline let mask: Word

    /// Bits `offset` up to but not including `offset + width`; the run must lie inside the word.
    @inlinable
    public init(offset: Int, width: Int) {
        precondition(offset >= 0 && width > 0 && offset + width <= Word.bitWidth)
        self.offset = offset
        mask = width == Word.bitWidth ? Word.max : (Word(1) << Word(width)) - 1
    }

    /// The value of the bits in `word`.
    @inlinable
    public func get(_ word: Word) -> Word { (word >> Word(offset)) & mask }

    /// Replaces the bits in `word`; higher bits of `value` are cut off.
    @inlinable
    public func set(_ value: Word, in word: inout Word) {
        word = (word & ~(mask << Word(offset))) | ((value & mask) << Word(offset))
    }
}
