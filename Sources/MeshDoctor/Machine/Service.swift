/// The installed service and the people involved: who runs this program, and whom the service runs as.
struct Service: Equatable {
    /// The unit that grants CAP_NET_ADMIN; nil if none is installed.
    var unit: String?
    /// User `thicket` of the service, nil if there is none.
    var person: Person?
    /// Group `thicket`, which may use the control socket.
    var group: UInt32?
    /// Who runs this program.
    var caller: Person
    /// Whether this program, and so a daemon started beside it, has CAP_NET_ADMIN.
    var callerIsCapable: Bool

    private static let folders = [
        "/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
    ]
    private static let netAdmin: UInt64 = 12

    init(_ files: MachineFiles) {
        unit = Self.folders.lazy.map { "\($0)/thicketd@.service" }.first { path in
            files.lines(path).contains { $0.hasPrefix("AmbientCapabilities=") && $0.contains("CAP_NET_ADMIN") }
        }
        let fields = files.lines("/etc/passwd").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
        person = fields.first { $0.count > 3 && $0[0] == "thicket" }.flatMap { parts in
            guard let user = UInt32(parts[2]), let group = UInt32(parts[3]) else { return nil }
            return Person(user: user, groups: [group])
        }
        let groups = files.lines("/etc/group").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
        group = groups.first { $0.count > 2 && $0[0] == "thicket" }.flatMap { UInt32($0[2]) }
        caller = Person(user: .max, groups: [])
        callerIsCapable = false
        for line in files.lines("/proc/self/status") {
            let values = line.split { $0 == " " || $0 == ":" }
            switch values.first {
            // The second number is the effective one.
            case "Uid" where values.count > 2: caller.user = UInt32(values[2]) ?? .max
            case "Gid" where values.count > 2: caller.groups += [UInt32(values[2])].compactMap(\.self)
            case "Groups": caller.groups += values.dropFirst().compactMap { UInt32($0) }
            case "CapEff" where values.count > 1:
                callerIsCapable = (UInt64(values[1], radix: 16) ?? 0) >> Self.netAdmin & 1 == 1
            default: break
            }
        }
    }
}
