import MeshCore
import RadioFake
import RadioPort

// What nodes ask of their radios: carried out at once, or handed to the air.
extension ReferenceAir {
    /// Index of the node that has an address, nil if none has.
    @inline(__always)
    func node(at address: Address) -> Int? {
        let index = Int(address.value & 0x3FFF_FFFF_FFFF) - 1
        return radios.indices.contains(index) && radios[index].address == address ? index : nil
    }

    /// Queues an event for a node and asks for its turn.
    mutating func tell(_ index: Int, _ item: FakeInboxItem) {
        queue(item, for: index)
        agenda.schedule(index, at: agenda.step)
    }

    /// Queues an event for a node, behind what it has received so far.
    mutating func queue(_ item: FakeInboxItem, for index: Int) {
        if mail.count(of: index) > 0 {
            radios[index].inbox.append(.heard(before: mail.end(of: index)))
        }
        radios[index].inbox.append(item)
    }

    // MARK: - Commands

    mutating func perform(_ command: RadioCommand, by index: Int) {
        switch command {
        case .advertise:
            _ = radios[index].apply(command)
            startAdvertising(index)
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
        case .encrypt(let link, let key):
            // The peer is asked for its key; its answer decides.
            guard let (peer, peerLink) = peer(of: link, at: index), let record = radios[index].record(of: link)
            else { return }
            records[Int(record)].key = key
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
        case .stopAdvertising:
            stopAdvertising(index)
        case .scan, .stopScan:
            _ = radios[index].apply(command)
            noteRadio(index)
        case .updateParameters:
            _ = radios[index].apply(command)
        }
    }

    /// A host call of a link's bring-up is refused as busy now and then, which ends the link (protocol §5.3).
    private mutating func endsAsBusy(_ link: LinkID, of index: Int) -> Bool {
        guard let record = radios[index].record(of: link), isBusy(index) else { return false }
        close(record, by: index, local: .localHostTerminated, remote: .remoteUserTerminated)
        return true
    }

    mutating func isBusy(_ index: Int) -> Bool {
        linkRandom[index].chance(1, in: ReferenceRadio.busyOneIn)
    }

    private mutating func answerKey(link: LinkID, key: Key128?, from index: Int) {
        guard let (peer, peerLink) = peer(of: link, at: index), let record = radios[index].record(of: link)
        else { return }
        let wanted = records[Int(record)].key
        let status: HCIStatus = key == nil ? .keyMissing : key == wanted ? .success : .micFailure
        if status == .micFailure {
            close(record, by: index, local: status, remote: status)
            return
        }
        tell(peer, .event(.encrypted(link: peerLink, status: status)))
        tell(index, .event(.encrypted(link: link, status: status)))
    }

    /// The radio answers an MTU request by itself; both ends learn what holds.
    mutating func answerMTU(link: LinkID, mtu: UInt16, node index: Int) -> RadioEvent? {
        guard let (peer, peerLink) = peer(of: link, at: index) else { return nil }
        let value = min(mtu, FakeRadio.capabilities.mtuMax)
        tell(peer, .event(.mtu(link: peerLink, value: value)))
        return .mtu(link: link, value: value)
    }

    private mutating func enqueue(_ write: FakeWrite, link: LinkID, from index: Int) {
        guard let number = radios[index].record(of: link) else { return }
        let isCentral = Int(records[Int(number)].central) == index
        let accepted =
            isCentral
            ? records[Int(number)].fromCentral.append(write)
            : records[Int(number)].fromPeripheral.append(write)
        precondition(accepted, "a node hands over no more than the radio can hold")
        mayCarry[index] = true
        agenda.schedule(index, at: agenda.step + 1)
    }

    // MARK: - Connect attempts

    private mutating func beginAttempt(_ attempt: FakeRadio.Attempt, of index: Int) {
        radios[index].begin(attempt)
        noteRadio(index)
        if isBusy(index) {
            endAttempt(of: index, reason: .commandDisallowed)
            return
        }
        agenda.schedule(index, at: Self.step(from: attempt.deadline))
        if let target = node(at: attempt.address) {
            initiators[target].insertSorted(Int32(index))
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
            initiators[target].removeAll { $0 == Int32(index) }
        }
        return attempt
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
            queue(
                .event(.discovered(link: discovery.link, service: discovery.service, handles: FakeRadio.handles)),
                for: index
            )
        }
        discoveries.removeAll { $0.node == index && $0.at <= agenda.step }
    }

    private static let discoverySteps = 1_000_000 / Self.stepMicroseconds
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
