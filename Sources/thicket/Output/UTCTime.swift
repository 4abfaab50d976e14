import Glibc

/// Points in time as people write them, in coordinated universal time.
enum UTCTime {
    /// `2026-11-26T18:00:00Z` of seconds since 1970.
    static func text(_ seconds: UInt32) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        func digits(_ value: Int32, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let date = [digits(parts.tm_year + 1900, 4), digits(parts.tm_mon + 1, 2), digits(parts.tm_mday, 2)]
        let clock = [digits(parts.tm_hour, 2), digits(parts.tm_min, 2), digits(parts.tm_sec, 2)]
        return date.joined(separator: "-") + "T" + clock.joined(separator: ":") + "Z"
    }

    /// Seconds since 1970 of that form, or of a number of them; nil for anything else.
    static func seconds(_ text: String) -> UInt32? {
        if let seconds = UInt32(text) { return seconds }
        let numbers = text.split { !$0.isNumber }.compactMap { Int32($0) }
        guard numbers.count == 6 else { return nil }
        var parts = tm()
        parts.tm_year = numbers[0] - 1900
        parts.tm_mon = numbers[1] - 1
        parts.tm_mday = numbers[2]
        parts.tm_hour = numbers[3]
        parts.tm_min = numbers[4]
        parts.tm_sec = numbers[5]
        // What is not written as above, or no date, does not come back as it was.
        guard let seconds = UInt32(exactly: timegm(&parts)), Self.text(seconds) == text else { return nil }
        return seconds
    }

    /// The clock of this machine.
    static var now: UInt32 { UInt32(clamping: time(nil)) }

    /// Minutes from coordinated universal time to the local time of this machine.
    static func localOffsetMinutes(at seconds: UInt32) -> Int16 {
        var time = time_t(seconds)
        var parts = tm()
        localtime_r(&time, &parts)
        return Int16(clamping: parts.tm_gmtoff / 60)
    }

    /// `+01:00` of a number of minutes.
    static func offsetText(_ minutes: Int16) -> String {
        let parts = [minutes.magnitude / 60, minutes.magnitude % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return (minutes < 0 ? "-" : "+") + parts.joined(separator: ":")
    }
}
