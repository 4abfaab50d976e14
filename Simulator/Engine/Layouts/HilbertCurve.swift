/// An order of places in which neighbours in the order are neighbours on the map, so that any piece of it is a compact area.
///
/// Hilbert's curve over a square of 65,536 x 65,536 cells: each quarter is passed through before the next, turned so that the
/// curve leaves one where it enters the other.
///
/// ```
///     1 ── 2        where 0...3 are quarters, and each is such a curve itself
///     │    │
///     0    3
/// ```
enum HilbertCurve {
    private static let order = 16

    /// Where a place lies on the curve; both coordinates in 0..<65536.
    static func position(x: UInt32, y: UInt32) -> UInt64 {
        var (x, y) = (x, y)
        var position: UInt64 = 0
        for level in (0..<order).reversed() {
            let side = UInt32(1) << UInt32(level)
            let (right, upper) = (x & side != 0, y & side != 0)
            let quarter: UInt64 = right ? (upper ? 2 : 3) : (upper ? 1 : 0)
            position += quarter << UInt64(2 * level)
            // Within the quarter; the first and the last are turned.
            (x, y) = (x & (side - 1), y & (side - 1))
            if !upper {
                if right { (x, y) = (side - 1 - x, side - 1 - y) }
                swap(&x, &y)
            }
        }
        return position
    }
}
