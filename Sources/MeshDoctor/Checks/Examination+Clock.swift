import Glibc

extension Examination {
    /// The clock, which `thicket time set` tells the mesh.
    func clock() -> [Finding] {
        let check = "clock"
        let fix = "sudo timedatectl set-ntp true"
        let clock = machine.clock()
        let year = Self.year(clock.seconds)
        // A machine without a battery begins there, or where its file system was made.
        guard (2025...2105).contains(year) else {
            return [.warn(check, "it stands in the year \(year)", fix: fix)]
        }
        let chip =
            files.names(in: "/sys/class/rtc").isEmpty
            ? "no clock runs while the machine is off" : "a clock runs while the machine is off"
        let isSynchronized = clock.isSynchronized || files.exists("/run/systemd/timesync/synchronized")
        guard isSynchronized else { return [.warn(check, "not synchronised; \(chip)", fix: fix)] }
        return [.ok(check, "synchronised; \(chip)")]
    }

    private static func year(_ seconds: Int) -> Int {
        var time = time_t(seconds)
        var parts = tm()
        return gmtime_r(&time, &parts) == nil ? 0 : Int(parts.tm_year) + 1900
    }
}
