import MeshConfiguration
import MeshCore
import RadioFake
import RadioPort

// What nodes ask of their radios.
extension LowEnergyAir {
    mutating func perform(_ command: RadioCommand, by index: Int) {
        guard stations[index].isPowered, !stations[index].isSilent else { return }
        stations[index].commands += 1
        switch command {
        case .advertise(let data, _, let connectable, let interval):
            let wanted = FakeRadio.Advertising(data: data, connectable: connectable, intervalMicroseconds: interval)
            startAdvertising(wanted, of: index)
        case .stopAdvertising:
            stopAdvertising(of: index)
        case .scan(let timing):
            beginScan(timing, of: index)
        case .stopScan:
            stations[index].scan = nil
            if stations[index].attempt == nil { scans.end(of: index) }
        case .connect(let token, let address, let parameters, let scan, let timeout):
            let deadline = clock + UInt64(timeout) * Airtime.microsecond
            beginAttempt(
                FakeRadio.Attempt(
                    token: token,
                    address: address,
                    parameters: parameters,
                    scan: scan,
                    deadline: Instant(microseconds: deadline / Airtime.microsecond)
                ),
                until: deadline,
                of: index
            )
        case .cancelConnect:
            endAttempt(of: index, reason: .success)
        case .encrypt(let link, let key):
            send(LinkPacket(kind: .encryptionRequest, key: key), over: link, from: index)
        case .answerKey(let link, let key):
            guard let key else {
                send(LinkPacket(kind: .encryptionRefused), over: link, from: index)
                return
            }
            send(LinkPacket(kind: .startEncryption, key: key), over: link, from: index)
        case .exchangeMTU(let link, let mtu):
            send(LinkPacket(kind: .mtuRequest, number: mtu), over: link, from: index)
        case .setDataLength(let link):
            guard traits.capabilities.dataLength else { return }
            send(LinkPacket(kind: .dataLength), over: link, from: index)
        case .discover(let link, let service):
            let rounds = Self.discoveryRounds << 8 | UInt16(service.rawValue)
            send(LinkPacket(kind: .discovery, number: rounds), over: link, from: index)
        case .write(let link, let handle, let value, let kind):
            let packet = LinkPacket(kind: kind == .request ? .request : .command, handle: handle, value: value)
            send(packet, over: link, from: index)
        case .notify(let link, let handle, let value):
            send(LinkPacket(kind: .notification, handle: handle, value: value), over: link, from: index)
        case .updateParameters(let link, let parameters):
            guard let record = stations[index].record(of: link) else { return }
            let isCentral = links[Int(record)].central == index
            let kind: LinkPacket.Kind = isCentral ? .connectionUpdate : .parameterRequest
            send(LinkPacket(kind: kind, parameters: parameters), over: link, from: index)
        case .disconnect(let link, let reason):
            guard let record = stations[index].record(of: link).map(Int.init) else { return }
            let end = links[record].end(of: index)
            ends[2 * record + end].isClosing = true
            ends[2 * record + end].queue.flush()
            send(LinkPacket(kind: .terminate, number: UInt16(reason.rawValue)), over: link, from: index)
        }
    }

    /// Requests that a service discovery takes: primary services, characteristics and descriptors, a few at a time.
    private static let discoveryRounds: UInt16 = 8

    private mutating func beginScan(_ timing: ScanTiming, of index: Int) {
        stations[index].scan = timing
        guard stations[index].attempt == nil else { return }
        beginWindows(timing, of: index)
    }

    /// The first window opens at once; on which channel is the controller's own affair.
    private mutating func beginWindows(_ timing: ScanTiming, of index: Int) {
        scans.begin(timing, of: index, at: clock, channel: draws.word(.scanChannel, index, at: clock) >> 32)
    }

    /// Something for the other end of a link.
    private mutating func send(_ packet: LinkPacket, over link: LinkID, from index: Int) {
        guard let record = stations[index].record(of: link).map(Int.init) else { return }
        enqueue(packet, on: record, end: links[record].end(of: index))
    }

    /// Whether chance, in per cent, has it that something fails.
    func fails(_ purpose: AirDraws.Purpose, _ index: Int, _ percent: Double) -> Bool {
        guard percent > 0 else { return false }
        let word = draws.word(purpose, index, at: stations[index].commands)
        return AirDraws.uniform(word, below: 100_000) < UInt64(percent * 1000)
    }

    // MARK: - Connect attempts

    private mutating func beginAttempt(_ attempt: FakeRadio.Attempt, until deadline: UInt64, of index: Int) {
        // A connect attempt ends the scan.
        stations[index].scan = nil
        scans.end(of: index)
        if stations[index].attempt != nil || fails(.connectFailure, index, settings.failures.connectFailsPercent) {
            tell(index, .connectFailed(token: attempt.token, reason: .commandDisallowed), at: clock)
            return
        }
        guard hasRoom(index, for: LinkEnd.central) else {
            tell(index, .connectFailed(token: attempt.token, reason: .limitReached), at: clock)
            return
        }
        stations[index].attempt = attempt
        stations[index].attemptStamp &+= 1
        if let target = node(at: attempt.address) { suitors[target] += 1 }
        beginWindows(attempt.scan, of: index)
        queue.push(.attemptDeadline, Int32(index), at: deadline, stamp: stations[index].attemptStamp)
    }

    /// Whether a controller takes another link as one end: some hold links in one role only.
    func hasRoom(_ index: Int, for end: Int) -> Bool {
        let own = stations[index].links
        guard own.count < traits.linkLimit else { return false }
        if traits.capabilities.dualRole { return true }
        let (central, peripheral) = (traits.capabilities.linksAsCentral, traits.capabilities.linksAsPeripheral)
        return own.count < Int(end == LinkEnd.central ? central : peripheral)
            && own.allSatisfy { links[Int($0.record)].end(of: index) == end }
    }

    mutating func endAttempt(of index: Int, reason: HCIStatus) {
        guard let attempt = forgetAttempt(of: index) else { return }
        tell(index, .connectFailed(token: attempt.token, reason: reason), at: clock)
    }

    /// Takes a connect attempt off the air; a scan that was begun meanwhile goes on.
    @discardableResult
    mutating func forgetAttempt(of index: Int) -> FakeRadio.Attempt? {
        guard let attempt = stations[index].attempt else { return nil }
        stations[index].attempt = nil
        if let target = node(at: attempt.address) { suitors[target] -= 1 }
        scans.end(of: index)
        if let scan = stations[index].scan { beginWindows(scan, of: index) }
        return attempt
    }
}
