import ByteCoding
import LinuxSystem
import RadioPort

// Opening links to peers that are there.
extension DBusRadio {
    func connect(_ token: ConnectToken, _ address: Address, _ timeout: UInt32) {
        guard attempt == nil else {
            observer.event(.connectFailed(token: token, reason: .commandDisallowed))
            return
        }
        isScanning = false
        attempt = Attempt(token: token, address: address, path: path(of: address))
        if let attemptTimer { loop.set(attemptTimer, at: loop.now.advanced(byMicroseconds: UInt64(timeout))) }
        startListening()
        connectIfThere()
    }

    /// Connects if the peer was heard lately and BlueZ knows it; else it is waited for.
    func connectIfThere() {
        guard let attempt, attempt.isSearching else { return }
        guard objects.contains(attempt.path, BlueZ.device) else {
            lastSearch = .zero
            search()
            return
        }
        let isThere = lastHeard[attempt.address].map { loop.now.microseconds(since: $0) < Self.presence } ?? false
        guard isThere || scansByDiscovery else { return }
        self.attempt?.isSearching = false
        endSearch()
        connectDevice(attempt.path)
    }

    func connectDevice(_ path: String) {
        // An attempt that was given up may be under way still: then its outcome is that of this one.
        guard !pendingConnects.contains(path) else { return }
        guard objects.property(path, BlueZ.device, "Connected")?.flag != true else {
            // The peer was faster: one link between two devices is all there can be.
            finishAttempt(.init(rawValue: 0x0B))
            return
        }
        pendingConnects.insert(path)
        bus?.call(BlueZ.service, path, BlueZ.device, "Connect") { [weak self] answer in
            self?.connectAnswered(path, answer)
        }
    }

    func connectAnswered(_ path: String, _ answer: Bus.Answer) {
        guard pendingConnects.remove(path) != nil else { return }
        let isWanted = attempt?.path == path && attempt?.isSearching == false
        switch answer {
        case .failure(_, let text):
            counts.failedConnects += 1
            observer.notice(RadioNotice(.debug, "\(path): \(text)"))
            if isWanted { finishAttempt(.failedToEstablish) }
        case .values where address(of: path).map({ isOpenedHere[$0] == false }) == true:
            // Both ends tried at the same time, and the other one was faster: it is its link.
            if isWanted { finishAttempt(.init(rawValue: 0x0B)) }
        case .values where isWanted: connected()
        case .values: bus?.call(BlueZ.service, path, BlueZ.device, "Disconnect")
        }
    }

    func connected() {
        guard let attempt else { return }
        endAttempt()
        let link = addLink(.central, attempt.address, attempt.path)
        announce(link, token: attempt.token)
    }

    func addLink(_ role: LinkRole, _ address: Address, _ path: String) -> DeviceLink {
        guard let bus else { preconditionFailure("a link needs a bus") }
        lastLink += 1
        let link = DeviceLink(
            id: LinkID(rawValue: lastLink),
            role: role,
            address: address,
            path: path,
            bus: bus,
            loop: loop
        )
        link.event = { [unowned self, unowned link] event in
            if links.contains(where: { $0 === link }) { observer.event(event) }
        }
        links.append(link)
        return link
    }

    func announce(_ link: DeviceLink, token: ConnectToken) {
        observer.event(
            .connected(
                token: token,
                link: link.id,
                role: link.role,
                address: link.address,
                // What BlueZ uses unless told otherwise: 24...40 units.
                parameters: ConnectionParameters(interval: 40, latency: 0, supervisionTimeout: 42)
            )
        )
        if objects.property(link.path, BlueZ.device, "ServicesResolved")?.flag == true { link.resolved(objects) }
    }

    func finishAttempt(_ reason: HCIStatus) {
        guard let attempt else { return }
        endAttempt()
        observer.event(.connectFailed(token: attempt.token, reason: reason))
    }

    func endAttempt() {
        attempt = nil
        if let attemptTimer { loop.set(attemptTimer, at: nil) }
        if !wantsScan { stopListening() }
    }
}
