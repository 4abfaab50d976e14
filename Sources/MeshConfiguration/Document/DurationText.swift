/// Times as people write them, in exact integer arithmetic.
enum DurationText {
    private static let units: [(suffix: String, microseconds: UInt64)] = [
        ("ms", 1_000), ("min", 60_000_000), ("h", 3_600_000_000), ("s", 1_000_000),
    ]

    /// Microseconds of `60s`, `1.5s`, `250ms`, `2min`, `1h` or plain seconds; nil if the text has another form.
    ///
    /// At most six decimals; what is finer than a microsecond is cut off.
    static func microseconds(_ text: String) -> UInt64? {
        let unit = units.first { text.hasSuffix($0.suffix) }
        let number = text.dropLast(unit?.suffix.count ?? 0)
        let scale = unit?.microseconds ?? 1_000_000
        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let whole = digits(first, maximum: 12) else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: scale)
        guard !overflow else { return nil }
        guard parts.count == 2 else { return product }
        guard let fraction = digits(parts[1], maximum: 6) else { return nil }
        let padding = (parts[1].utf8.count..<6).reduce(UInt64(1)) { power, _ in power * 10 }
        let (sum, tooBig) = product.addingReportingOverflow(fraction * padding * scale / 1_000_000)
        return tooBig ? nil : sum
    }

    /// Seconds, without decimals where there are none.
    static func text(_ microseconds: UInt64) -> String {
        let rest = microseconds % 1_000_000
        guard rest > 0 else { return "\(microseconds / 1_000_000)s" }
        var decimals = String(rest + 1_000_000).dropFirst()
        while decimals.last == "0" { decimals.removeLast() }
        return "\(microseconds / 1_000_000).\(decimals)s"
    }

    private static func digits(_ text: Substring, maximum: Int) -> UInt64? {
        guard (1...maximum).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return UInt64(text)
    }
}
