import MeshCore
import RadioFake
import RadioPort

// Links on the reference radio: coming up, carrying writes in connection events, being lost.
extension ReferenceAir {
    mutating func connect(_ central: Int, to peripheral: Int) {
        guard let attempt = forgetAttempt(of: central) else { return }
        // The link ends the advertising; the node starts it again when it has heard of the link.
        stopAdvertising(peripheral)
        linksMade += 1
        let number = add(
            LinkRecord(
                central: Int32(central),
                peripheral: Int32(peripheral),
                centralID: LinkID(rawValue: 0),
                peripheralID: LinkID(rawValue: 0),
                supervisionMicroseconds: UInt64(attempt.parameters.supervisionTimeout) * 10_000
            )
        )
        records[Int(number)].centralID = radios[central].addLink(record: number)
        records[Int(number)].peripheralID = radios[peripheral].addLink(record: number)
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
        let record = records[Int(number)]
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
        if let neighbour = neighbourhood.neighbour(peer, of: index) {
            tell(index, .event(.linkRSSI(link: link, rssi: neighbour.rssi)))
        }
    }

    /// The connection events of a node's links in this step: what was handed over reaches the peers.
    mutating func runConnectionEvents(of index: Int) {
        guard mayCarry[index] else { return }
        mayCarry[index] = false
        var position = 0
        while position < radios[index].links.count {
            let number = radios[index].links[position].record
            position += 1
            if let since = records[Int(number)].silentSince {
                mayCarry[index] = true
                supervise(number, since: since, node: index)
                // The table has changed if the link was lost.
                if position > 0, !records[Int(number)].isUp { position -= 1 }
                continue
            }
            let isCentral = Int(records[Int(number)].central) == index
            let isEmpty =
                isCentral
                ? records[Int(number)].fromCentral.isEmpty : records[Int(number)].fromPeripheral.isEmpty
            guard !isEmpty else { continue }
            transfer(over: number, from: index, isCentral: isCentral)
        }
    }

    private mutating func transfer(over number: Int32, from index: Int, isCentral: Bool) {
        let most = ReferenceRadio.packetsPerEvent(links: radios[index].links.count)
        var packets = linkRandom[index].uniform(below: most + 1)
        let record = Int(number)
        let peer = Int(isCentral ? records[record].peripheral : records[record].central)
        let peerLink = isCentral ? records[record].peripheralID : records[record].centralID
        let ownLink = isCentral ? records[record].centralID : records[record].peripheralID
        var sent: UInt8 = 0
        var requests = 0
        while packets > 0,
            let write = isCentral ? records[record].fromCentral.first : records[record].fromPeripheral.first
        {
            if write.kind == .request {
                guard requests == 0 else { break }
                requests = 1
            }
            packets -= 1
            if isCentral {
                records[record].fromCentral.removeFirst()
            } else {
                records[record].fromPeripheral.removeFirst()
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
                queue(.event(.writeConfirmed(link: ownLink)), for: index)
            }
        }
        if sent > 0 {
            queue(.event(.sent(link: ownLink, count: sent)), for: index)
        }
        let isDrained =
            isCentral ? records[record].fromCentral.isEmpty : records[record].fromPeripheral.isEmpty
        if !isDrained {
            mayCarry[index] = true
            agenda.schedule(index, at: agenda.step + 1)
        }
    }

    /// A link over which nothing comes through is lost at the end of the supervision time-out.
    private mutating func supervise(_ number: Int32, since: Instant, node index: Int) {
        let end = since.advanced(byMicroseconds: records[Int(number)].supervisionMicroseconds)
        guard end <= now else {
            agenda.schedule(index, at: Self.step(from: end))
            return
        }
        close(number, by: index, local: .connectionTimeout, remote: .connectionTimeout)
    }

    /// Takes a link down and tells both ends.
    mutating func close(_ number: Int32, by index: Int, local: HCIStatus, remote: HCIStatus) {
        let record = records[Int(number)]
        guard record.isUp else { return }
        let isCentral = Int(record.central) == index
        let peer = Int(isCentral ? record.peripheral : record.central)
        let ownLink = isCentral ? record.centralID : record.peripheralID
        let peerLink = isCentral ? record.peripheralID : record.centralID
        radios[index].removeLink(record: number)
        radios[peer].removeLink(record: number)
        remove(number)
        tell(index, .event(.disconnected(link: ownLink, reason: local)))
        tell(peer, .event(.disconnected(link: peerLink, reason: remote)))
    }
}
