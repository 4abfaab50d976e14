import ByteCoding
import Testing

@Suite
struct BitFieldTests {
    @Test
    func fieldsDoNotTouchTheirNeighbours() {
        for offset in 0..<8 {
            for width in 1...8 - offset {
                let field = BitField<UInt8>(offset: offset, width: width)
                let mask = UInt8((1 << width) - 1) << UInt8(offset)
                for word in [0x00, 0xFF, 0xA5] as [UInt8] {
                    var changed = word
                    field.set(0x5A, in: &changed)
                    #expect(changed & ~mask == word & ~mask)
                    #expect(field.get(changed) == 0x5A & mask >> UInt8(offset))
                }
            }
        }
    }

    @Test
    func fieldsOutsideTheWordAreProgrammerErrors() async {
        await #expect(processExitsWith: .failure) { _ = BitField<UInt8>(offset: 7, width: 2) }
        await #expect(processExitsWith: .failure) { _ = BitField<UInt8>(offset: 0, width: 0) }
    }
}
