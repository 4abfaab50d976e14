/// Numbers as text, the same on every machine.
package enum DecimalText {
    /// Microseconds in seconds, exact, without trailing zeros: 15.65.
    package static func seconds(_ microseconds: UInt64) -> String {
        trimmed(String(microseconds / 1_000_000), fraction: microseconds % 1_000_000, decimals: 6)
    }

    /// A finite number rounded to at most so many decimals, without trailing zeros.
    package static func decimals(_ value: Double, atMost decimals: Int) -> String {
        let scale = power(decimals)
        let scaled = (value.magnitude * Double(scale)).rounded()
        guard let units = UInt64(exactly: scaled) else { return "\(value)" }
        let sign = value < 0 && units > 0 ? "-" : ""
        return sign + trimmed(String(units / scale), fraction: units % scale, decimals: decimals)
    }

    /// A finite number rounded to exactly so many decimals, for columns.
    package static func fixed(_ value: Double, _ decimals: Int) -> String {
        let scale = power(decimals)
        guard let units = UInt64(exactly: (value.magnitude * Double(scale)).rounded()) else { return "\(value)" }
        let sign = value < 0 && units > 0 ? "-" : ""
        guard decimals > 0 else { return sign + String(units) }
        return sign + String(units / scale) + "." + String(units % scale + scale).dropFirst()
    }

    /// The text moved to the right edge of a column.
    package static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// The text filled up to the width of a column.
    package static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func power(_ decimals: Int) -> UInt64 { (0..<decimals).reduce(1) { product, _ in product * 10 } }

    private static func trimmed(_ whole: String, fraction: UInt64, decimals: Int) -> String {
        guard fraction > 0 else { return whole }
        var digits = String(fraction + power(decimals)).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return whole + "." + digits
    }
}
