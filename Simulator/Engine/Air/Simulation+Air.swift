import MeshCore
import RadioFake
import RadioPort

// Advertising, connecting and links on the reference radio.
extension Simulation {
    /// Index of the node that has an address, nil if none has.
    private func node(at address: Address) -> Int? {
        let index = Int(address.value & 0x3FFF_FFFF_FFFF) - 1
        return index >= 0 && index < count && Self.address(of: index) == address ? index : nil
    }

    /// Queues an event for a node and asks for its turn.
    private mutating func tell(_ index: Int, _ item: FakeInboxItem) {
        radios[index].inbox.append(item)
        agenda.schedule(index, at: agenda.step)
    }

    // MARK: - Commands

    mutating func apply(_ command: RadioCommand, from index: Int) {
        switch command {
        case .advertise:
            _ = radios[index].apply(command)
            agenda.schedule(index, at: nextAdvertisingStep(of: index))
        case .connect(let token, let address, let parameters, let scan, let timeout):
            beginAttempt(
                FakeRadio.Attempt(
                    token: token,
                    address: address,
                    parameters: parameters,
                    scan: scan,
                    deadline: now.advanced(byMicroseconds: UInt64(timeout))
                ),
                of: index
            )
        case .cancelConnect:
            endAttempt(of: index, reason: .success)
        case .encrypt(let link, _):
            // The peer is asked for its key; its answer decides.
            guard let (peer, peerLink) = peer(of: link, at: index) else { return }
            tell(peer, .event(.keyRequested(link: peerLink)))
        case .answerKey(let link, let key):
            answerKey(link: link, key: key, from: index)
        case .exchangeMTU(let link, let mtu):
            guard let (peer, peerLink) = peer(of: link, at: index), !endsAsBusy(link, of: index) else { return }
            tell(peer, .mtuRequest(link: peerLink, mtu: mtu))
        case .setDataLength(let link):
            _ = endsAsBusy(link, of: index)
        case .discover(let link, let service):
            scheduleDiscovery(link: link, service: service, from: index)
        case .write(let link, let handle, let value, let kind):
            let write = FakeWrite(handle: handle, value: value, kind: kind == .request ? .request : .command)
            enqueue(write, link: link, from: index)
        case .notify(let link, let handle, let value):
            enqueue(FakeWrite(handle: handle, value: value, kind: .notification), link: link, from: index)
        case .disconnect(let link, let reason):
            guard let record = radios[index].record(of: link) else { return }
            close(record, by: index, local: .localHostTerminated, remote: reason)
        case .stopAdvertising, .scan, .stopScan, .updateParameters:
            _ = radios[index].apply(command)
        }
    }

    func peer(of link: LinkID, at index: Int) -> (node: Int, link: LinkID)? {
        guard let number = radios[index].record(of: link) else { return nil }
        let record = air.records[Int(number)]
        return Int(record.central) == index
            ? (Int(record.peripheral), record.peripheralID) : (Int(record.central), record.centralID)
    }

    /// A host call of a link's bring-up is refused as busy now and then, which ends the link (protocol §5.3).
    private mutating func endsAsBusy(_ link: LinkID, of index: Int) -> Bool {
        guard let record = radios[index].record(of: link), isBusy(index) else { return false }
        close(record, by: index, local: .localHostTerminated, remote: .remoteUserTerminated)
        return true
    }

    private mutating func isBusy(_ index: Int) -> Bool {
        air.linkRandom[index].chance(1, in: ReferenceRadio.busyOneIn)
    }

    private mutating func answerKey(link: LinkID, key: Key128?, from index: Int) {
        guard let (peer, peerLink) = peer(of: link, at: index) else { return }
        let wanted = nodes[peer].identity.keys.network
        let status: HCIStatus = key == nil ? .keyMissing : key == wanted ? .success : .micFailure
        if status == .micFailure, let record = radios[index].record(of: link) {
            close(record, by: index, local: status, remote: status)
            return
        }
        tell(peer, .event(.encrypted(link: peerLink, status: status)))
        tell(index, .event(.encrypted(link: link, status: status)))
    }

    /// The radio answers an MTU request by itself; both ends learn what holds.
    mutating func answerMTU(link: LinkID, mtu: UInt16, node index: Int) {
        guard let (peer, peerLink) = peer(of: link, at: index) else { return }
        let value = min(mtu, FakeRadio.capabilities.mtuMax)
        handle(.radio(.mtu(link: link, value: value)), node: index, at: now)
        tell(peer, .event(.mtu(link: peerLink, value: value)))
    }

    private mutating func enqueue(_ write: FakeWrite, link: LinkID, from index: Int) {
        guard let number = radios[index].record(of: link) else { return }
        let isCentral = Int(air.records[Int(number)].central) == index
        let accepted =
            isCentral
            ? air.records[Int(number)].fromCentral.append(write)
            : air.records[Int(number)].fromPeripheral.append(write)
        precondition(accepted, "a node hands over no more than the radio can hold")
        agenda.schedule(index, at: agenda.step + 1)
    }

    // MARK: - Connect attempts

    private mutating func beginAttempt(_ attempt: FakeRadio.Attempt, of index: Int) {
        radios[index].begin(attempt)
        if isBusy(index) {
            endAttempt(of: index, reason: .commandDisallowed)
            return
        }
        agenda.schedule(index, at: Self.step(from: attempt.deadline))
        if let target = node(at: attempt.address) {
            air.initiators[target].insertSorted(Int32(index))
        }
    }

    mutating func endAttempt(of index: Int, reason: HCIStatus) {
        guard let attempt = forgetAttempt(of: index) else { return }
        tell(index, .event(.connectFailed(token: attempt.token, reason: reason)))
    }

    /// Takes a connect attempt off the air.
    @discardableResult
    mutating func forgetAttempt(of index: Int) -> FakeRadio.Attempt? {
        guard let attempt = radios[index].attempt else { return nil }
        radios[index].attempt = nil
        if let target = node(at: attempt.address) {
            air.initiators[target].removeAll { $0 == Int32(index) }
        }
        return attempt
    }

    // MARK: - Advertising

    /// The next step after this at which the node's clock is a multiple of its advertising interval.
    private func nextAdvertisingStep(of index: Int) -> UInt64 {
        guard let advertising = radios[index].advertising else { return UInt64.max }
        let step = ReferenceRadio.stepMicroseconds
        let interval = UInt64(max(1, advertising.intervalMicroseconds))
        let period = interval % step == 0 ? interval / step : interval.leastCommonMultiple(step) / step
        return (agenda.step / period + 1) * period
    }

    /// An advertising event, if it is due: whoever scans may hear it, whoever waits for it may connect.
    mutating func advertise(_ index: Int) {
        guard let advertising = radios[index].advertising else { return }
        let interval = UInt64(max(1, advertising.intervalMicroseconds))
        guard now.microseconds % interval == 0 else {
            agenda.schedule(index, at: nextAdvertisingStep(of: index))
            return
        }
        agenda.schedule(index, at: nextAdvertisingStep(of: index))
        guard !isAway[index] else { return }
        let waits = advertising.connectable && !air.initiators[index].isEmpty
        let connectsAt = waits ? connectingInitiator(to: index) : nil
        hear(index, advertising, before: connectsAt)
        if let connectsAt {
            connect(connectsAt, to: index)
        }
    }

    /// The first initiator, by index, that catches this advertisement.
    private mutating func connectingInitiator(to index: Int) -> Int? {
        for position in air.initiators[index].indices {
            let initiator = Int(air.initiators[index][position])
            guard !isAway[initiator], !air.isBlocked(index, initiator), let attempt = radios[initiator].attempt,
                let neighbour = air.neighbourhood.neighbour(initiator, of: index)
            else { continue }
            let (window, interval) = Air.wholeMilliseconds(attempt.scan)
            let tenths = ReferenceRadio.tenths[Int(neighbour.reception)]
            if air.advertiserRandom[index].chance(tenths * window, in: 10 * interval) { return initiator }
        }
        return nil
    }

    /// Lets scanning neighbours receive, by index; a connection ends the event for those behind it.
    private mutating func hear(_ index: Int, _ advertising: FakeRadio.Advertising, before end: Int?) {
        let range = air.neighbourhood.range(of: index)
        var start = range.lowerBound
        var run = 0
        while start < range.upperBound {
            let mask = air.neighbourhood.mask(of: index, run: run)
            var hits: UInt64 = 0
            for reception in 0..<4 where mask[reception] != 0 {
                hits |= air.scanChances[reception].draw64(&air.advertiserRandom[index]) & mask[reception]
            }
            while hits != 0 {
                let neighbour = air.neighbourhood[start + hits.trailingZeroBitCount]
                hits &= hits - 1
                let receiver = Int(neighbour.index)
                if let end, receiver > end { return }
                guard let scan = radios[receiver].scan, isPowered[receiver], !isAway[receiver],
                    !air.isBlocked(index, receiver), passes(scan, of: index)
                else { continue }
                receptions += 1
                let event = RadioEvent.advertisement(
                    address: radios[index].address,
                    rssi: neighbour.rssi,
                    connectable: advertising.connectable,
                    data: advertising.data
                )
                tell(receiver, .event(event))
            }
            start += 64
            run += 1
        }
    }

    /// Thins what was drawn for HIGH to the duty of a receiver that scans less.
    private mutating func passes(_ scan: ScanTiming, of advertiser: Int) -> Bool {
        let (window, interval) = Air.wholeMilliseconds(scan)
        let (fullWindow, fullInterval) = air.scanDuty
        let part = window * fullInterval
        let whole = fullWindow * interval
        return part >= whole || air.advertiserRandom[advertiser].chance(part, in: whole)
    }

    // MARK: - Links

    private mutating func connect(_ central: Int, to peripheral: Int) {
        guard let attempt = forgetAttempt(of: central) else { return }
        // The link ends the advertising; the node starts it again when it has heard of the link.
        radios[peripheral].advertising = nil
        linksMade += 1
        let number = air.add(
            Air.LinkRecord(
                central: Int32(central),
                peripheral: Int32(peripheral),
                centralID: LinkID(rawValue: 0),
                peripheralID: LinkID(rawValue: 0),
                supervisionMicroseconds: UInt64(attempt.parameters.supervisionTimeout) * 10_000
            )
        )
        air.records[Int(number)].centralID = radios[central].addLink(record: number)
        air.records[Int(number)].peripheralID = radios[peripheral].addLink(record: number)
        announce(number, to: peripheral, role: .peripheral, token: .incoming, parameters: attempt.parameters)
        announce(number, to: central, role: .central, token: attempt.token, parameters: attempt.parameters)
    }

    private mutating func announce(
        _ number: Int32,
        to index: Int,
        role: LinkRole,
        token: ConnectToken,
        parameters: ConnectionParameters
    ) {
        let record = air.records[Int(number)]
        let peer = Int(role == .central ? record.peripheral : record.central)
        let link = role == .central ? record.centralID : record.peripheralID
        tell(
            index,
            .event(
                .connected(
                    token: token,
                    link: link,
                    role: role,
                    address: radios[peer].address,
                    parameters: parameters
                )
            )
        )
        if let neighbour = air.neighbourhood.neighbour(peer, of: index) {
            tell(index, .event(.linkRSSI(link: link, rssi: neighbour.rssi)))
        }
    }

    /// The connection events of a node's links in this step: what was handed over reaches the peers.
    mutating func runConnectionEvents(of index: Int) {
        var position = 0
        while position < radios[index].links.count {
            let number = radios[index].links[position].record
            position += 1
            if let since = air.records[Int(number)].silentSince {
                supervise(number, since: since, node: index)
                // The table has changed if the link was lost.
                if position > 0, !air.records[Int(number)].isUp { position -= 1 }
                continue
            }
            let isCentral = Int(air.records[Int(number)].central) == index
            let isEmpty =
                isCentral
                ? air.records[Int(number)].fromCentral.isEmpty : air.records[Int(number)].fromPeripheral.isEmpty
            guard !isEmpty else { continue }
            transfer(over: number, from: index, isCentral: isCentral)
        }
    }

    private mutating func transfer(over number: Int32, from index: Int, isCentral: Bool) {
        let most = ReferenceRadio.packetsPerEvent(links: radios[index].links.count)
        var packets = air.linkRandom[index].uniform(below: most + 1)
        let record = Int(number)
        let peer = Int(isCentral ? air.records[record].peripheral : air.records[record].central)
        let peerLink = isCentral ? air.records[record].peripheralID : air.records[record].centralID
        let ownLink = isCentral ? air.records[record].centralID : air.records[record].peripheralID
        var sent: UInt8 = 0
        var requests = 0
        while packets > 0,
            let write = isCentral ? air.records[record].fromCentral.first : air.records[record].fromPeripheral.first
        {
            if write.kind == .request {
                guard requests == 0 else { break }
                requests = 1
            }
            packets -= 1
            if isCentral {
                air.records[record].fromCentral.removeFirst()
            } else {
                air.records[record].fromPeripheral.removeFirst()
            }
            switch write.kind {
            case .command, .notification:
                sent += 1
                if write.kind == .command {
                    let event = RadioEvent.written(
                        link: peerLink,
                        handle: write.handle,
                        value: write.value,
                        kind: .command
                    )
                    tell(peer, .event(event))
                } else {
                    tell(peer, .event(.notified(link: peerLink, handle: write.handle, value: write.value)))
                }
            case .request:
                tell(
                    peer,
                    .event(.written(link: peerLink, handle: write.handle, value: write.value, kind: .request))
                )
                radios[index].inbox.append(.event(.writeConfirmed(link: ownLink)))
            }
        }
        if sent > 0 {
            radios[index].inbox.append(.event(.sent(link: ownLink, count: sent)))
        }
        let isDrained =
            isCentral ? air.records[record].fromCentral.isEmpty : air.records[record].fromPeripheral.isEmpty
        if !isDrained {
            agenda.schedule(index, at: agenda.step + 1)
        }
    }

    /// A link over which nothing comes through is lost at the end of the supervision time-out.
    private mutating func supervise(_ number: Int32, since: Instant, node index: Int) {
        let end = since.advanced(byMicroseconds: air.records[Int(number)].supervisionMicroseconds)
        guard end <= now else {
            agenda.schedule(index, at: Self.step(from: end))
            return
        }
        close(number, by: index, local: .connectionTimeout, remote: .connectionTimeout)
    }

    /// Takes a link down and tells both ends.
    mutating func close(_ number: Int32, by index: Int, local: HCIStatus, remote: HCIStatus) {
        let record = air.records[Int(number)]
        guard record.isUp else { return }
        let isCentral = Int(record.central) == index
        let peer = Int(isCentral ? record.peripheral : record.central)
        let ownLink = isCentral ? record.centralID : record.peripheralID
        let peerLink = isCentral ? record.peripheralID : record.centralID
        radios[index].removeLink(record: number)
        radios[peer].removeLink(record: number)
        air.remove(number)
        tell(index, .event(.disconnected(link: ownLink, reason: local)))
        tell(peer, .event(.disconnected(link: peerLink, reason: remote)))
    }

    // MARK: - Service discovery

    /// Service discovery takes a second; the answer is the same for every fake radio.
    private mutating func scheduleDiscovery(link: LinkID, service: Service, from index: Int) {
        guard radios[index].record(of: link) != nil else { return }
        discoveries.append(
            Discovery(node: index, link: link, service: service, at: agenda.step + Self.discoverySteps)
        )
        agenda.schedule(index, at: agenda.step + Self.discoverySteps)
    }

    /// Answers discoveries of a node that are due.
    mutating func answerDiscoveries(of index: Int) {
        guard !discoveries.isEmpty else { return }
        for discovery in discoveries where discovery.node == index && discovery.at <= agenda.step {
            guard radios[index].record(of: discovery.link) != nil else { continue }
            radios[index].inbox.append(
                .event(.discovered(link: discovery.link, service: discovery.service, handles: FakeRadio.handles))
            )
        }
        discoveries.removeAll { $0.node == index && $0.at <= agenda.step }
    }

    private static let discoverySteps = 1_000_000 / ReferenceRadio.stepMicroseconds
}

/// A service discovery under way.
struct Discovery: Sendable {
    var node: Int
    var link: LinkID
    var service: Service
    var at: UInt64
}

extension ContiguousArray<Int32> {
    /// Keeps the array in order.
    fileprivate mutating func insertSorted(_ value: Int32) {
        let position = firstIndex { $0 >= value } ?? endIndex
        insert(value, at: position)
    }
}

extension UInt64 {
    fileprivate func leastCommonMultiple(_ other: UInt64) -> UInt64 {
        var (a, b) = (self, other)
        while b != 0 {
            (a, b) = (b, a % b)
        }
        return self / a * other
    }
}
