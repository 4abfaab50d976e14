import Testing

@testable import MeshCore

@Suite struct KeyRowTests {
    /// The first place from any start on, against a plain search; few keys, so that there are many equal ones, and borrows.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func placesAreThoseOfAPlainSearch(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var row = KeyRow<3>()
        var plain = [UInt16](repeating: 0, count: 12)
        let keys: [UInt16] = [0, 1, 2, 0x7FFF, 0x8000, 0x8001, 0xFFFE, 0xFFFF]
        for _ in 0..<500 {
            let place = Int(random.uniform(below: 12))
            let key = keys[Int(random.uniform(below: UInt32(keys.count)))]
            row.set(key, at: place)
            plain[place] = key
            let wanted = keys[Int(random.uniform(below: UInt32(keys.count)))]
            let start = Int(random.uniform(below: 13))
            #expect(row.place(of: wanted, from: start) == plain[start...].firstIndex(of: wanted) ?? -1, "seed \(seed)")
        }
    }
}
