import MeshConfiguration
import MeshWire

// What a node must be allowed to do, and to read.
extension Examination {
    // MARK: - Configuration

    /// Whether there is one, it is good, and the daemon may read it.
    func configuration() -> [Finding] { configurations.map { configuration($0) } }

    private func configuration(_ setup: NodeSetup) -> Finding {
        let check = "configuration"
        let path = setup.path
        if files.isHidden(path) {
            return .warn(check, "\(path) is closed to this user", fix: "run this with sudo")
        }
        guard files.exists(path) else {
            let example = "/etc/thicket/thicket.yaml.example"
            let fix =
                files.exists(example)
                ? "sudo cp \(example) \(path), and edit it" : "sudo Udev/install; then write \(path)"
            return .fail(check, "there is no \(path)", fix: fix)
        }
        for secret in [path] + [setup.keyFile].compactMap(\.self) {
            if let finding = unreadable(secret, check) { return finding }
        }
        guard let file = setup.file else {
            return .fail(
                check,
                setup.problem ?? "\(path) cannot be read",
                fix: "correct it; 'thicketd --check' reads it again"
            )
        }
        return .ok(check, "\(path): node \(file.node) of network \(file.network), radio \(file.daemon.radio)")
    }

    /// Whether somebody cannot read a file who must.
    private func unreadable(_ path: String, _ check: String) -> Finding? {
        if files.isHidden(path) {
            return .warn(check, "\(path) is closed to this user", fix: "run this with sudo")
        }
        guard let attributes = files.attributes(path) else {
            return .fail(
                check,
                "there is no \(path)",
                fix: "openssl rand -hex 16 | sudo install -m 0600 -o thicket /dev/stdin \(path)"
            )
        }
        if service.unit != nil, let person = service.person, !attributes.allow(4, person) {
            let fix = "sudo chown thicket \(path) && sudo chmod 0600 \(path)"
            return .fail(check, "user thicket may not read \(path)", fix: fix)
        }
        guard attributes.allow(4, service.caller) else {
            return .warn(check, "\(path) is closed to this user", fix: "run this with sudo")
        }
        return nil
    }

    // MARK: - Adapter, state, socket

    /// Who has the capability that the user channel takes.
    func privilege() -> [Finding] {
        let check = "privilege"
        if let unit = service.unit {
            guard service.person != nil else {
                let found = "\(unit) runs as user thicket, but there is no such user"
                return [.fail(check, found, fix: "sudo systemd-sysusers")]
            }
            return [.ok(check, "\(unit) grants CAP_NET_ADMIN")]
        }
        if service.callerIsCapable {
            return [.ok(check, "this user has CAP_NET_ADMIN; the service is not installed")]
        }
        let found = "no service is installed that grants CAP_NET_ADMIN, and this user lacks it"
        return [.fail(check, found, fix: "sudo Udev/install")]
    }

    /// Folders for what must survive a restart.
    func state() -> [Finding] {
        var folders: [String] = []
        for setup in configurations {
            let folder = setup.file?.daemon.stateFolder ?? "/var/lib/thicket"
            if !folders.contains(folder) { folders.append(folder) }
        }
        return folders.map { state($0) }
    }

    private func state(_ folder: String) -> Finding {
        let check = "state"
        let (person, name) =
            service.unit == nil ? (service.caller, "this user") : (service.person ?? service.caller, "user thicket")
        guard let attributes = files.attributes(folder) else {
            guard !files.isHidden(folder) else {
                return .warn(check, "\(folder) is closed to this user", fix: "run this with sudo")
            }
            // The unit makes its own.
            if service.unit != nil, folder == "/var/lib/thicket" { return .ok(check, "\(folder) is made at the start") }
            let owner = service.unit == nil ? "" : "-o thicket "
            return .fail(check, "there is no \(folder)", fix: "sudo install -d -m 0750 \(owner)\(folder)")
        }
        guard attributes.allow(3, person) else {
            let owner = service.unit == nil ? "\"$USER\"" : "thicket"
            return .fail(check, "\(name) may not write to \(folder)", fix: "sudo chown \(owner) \(folder)")
        }
        return .ok(check, "\(name) may write to \(folder)")
    }

    /// The daemon, and whether this user may ask it.
    func controlSocket() -> [Finding] {
        let check = "daemon"
        switch daemon {
        case .running(let report):
            let found = "node \(report.node) runs on \(report.adapter), \(report.health): \(report.reason)"
            return [
                report.health == "good"
                    ? .ok(check, found) : .warn(check, found, fix: "thicket status; thicket monitor")
            ]
        case .denied:
            return [
                .warn(
                    check,
                    "this user may not use \(control)",
                    fix: "sudo usermod -aG thicket \"$USER\", and log in again"
                )
            ]
        case .failed(let reason):
            return [.warn(check, "\(control): \(reason)", fix: "journalctl -u 'thicketd@*'")]
        case .absent:
            let isMember = service.caller.user == 0 || service.group.map { service.caller.groups.contains($0) } ?? true
            guard isMember else {
                let fix = "sudo usermod -aG thicket \"$USER\", and log in again"
                return [.warn(check, "does not run; this user is not in group thicket, which may ask it", fix: fix)]
            }
            return [.ok(check, "does not run")]
        }
    }
}
