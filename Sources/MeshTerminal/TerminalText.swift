import MeshWire

/// Lines that a terminal prints for people.
public enum TerminalText {
    /// The answer to `gettime`.
    ///
    /// - Parameters:
    ///   - unix: Seconds since 1970.
    ///   - offsetMinutes: Offset of the local time, told but not added.
    ///   - isSet: Whether anybody has ever told the time.
    ///   - ticks: Parts of the running second, 32768 to the second.
    /// - Returns: The line, with the year and the day of the year.
    public static func time(unix: UInt32, offsetMinutes: Int16, isSet: Bool, ticks: UInt32) -> String {
        var days = unix / 86400
        var year: UInt32 = 1970
        while days >= length(ofYear: year) {
            days -= length(ofYear: year)
            year += 1
        }
        let hours = twoDigits(unix / 3600 % 24)
        let minutes = twoDigits(unix / 60 % 60)
        let seconds = twoDigits(unix % 60)
        return "Time is currently \(isSet ? "" : "not set: ")approx. \(year) years, \(days + 1) days, "
            + "\(hours)h:\(minutes)m:\(seconds)s,\(ticks) ticks (offset \(offsetMinutes))"
    }

    /// The answer to one ping.
    static func ping(milliseconds: UInt64) -> String { "p \(milliseconds) ms" }

    /// The answer of one leaf.
    static func leafPing(leaf: NodeID, hops: UInt16, milliseconds: UInt64) -> String {
        "lp \(leaf)(\(hops)): \(milliseconds) ms"
    }

    private static func length(ofYear year: UInt32) -> UInt32 {
        year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 366 : 365
    }

    private static func twoDigits(_ value: UInt32) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
