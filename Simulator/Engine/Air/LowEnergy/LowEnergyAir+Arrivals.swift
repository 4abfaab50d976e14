import MeshConfiguration
import RadioFake
import RadioPort

// What a packet does at the end where it arrives: host data goes up, link control is answered by the radio.
extension LowEnergyAir {
    mutating func arrive(_ packet: LinkPacket, over record: Int, at end: Int, time: UInt64) {
        let index = Int(ends[2 * record + end].node)
        let id = ends[2 * record + end].id
        switch packet.kind {
        case .command:
            tell(index, .written(link: id, handle: packet.handle, value: packet.value, kind: .command), at: time)
        case .request:
            tell(index, .written(link: id, handle: packet.handle, value: packet.value, kind: .request), at: time)
            answer(LinkPacket(kind: .response), on: record, end: end)
        case .notification:
            tell(index, .notified(link: id, handle: packet.handle, value: packet.value), at: time)
        case .response:
            tell(index, .writeConfirmed(link: id), at: time)
        case .mtuRequest:
            let mtu = min(packet.number, traits.capabilities.mtuMax)
            answer(LinkPacket(kind: .mtuResponse, number: mtu), on: record, end: end)
            tell(index, .mtu(link: id, value: mtu), at: time)
        case .mtuResponse:
            tell(index, .mtu(link: id, value: packet.number), at: time)
        case .discovery:
            answer(LinkPacket(kind: .discoveryAnswer, number: packet.number), on: record, end: end)
        case .discoveryAnswer:
            goOnDiscovering(packet.number, on: record, end: end, time: time)
        case .parameterRequest:
            tell(index, .parametersRequested(link: id, parameters: packet.parameters), at: time)
        case .connectionUpdate:
            links[record].pending = packet.parameters
            // The instant lies six events ahead (Core 5.4 Vol 6 Part B 5.1.1).
            let instant = links[record].anchor + 6 * links[record].period
            queue.push(.instant, Int32(record), at: instant, stamp: links[record].stamp)
        case .dataLength:
            // What fits the longest frame of any link of ours; the specification allows 251 (Core 5.4 Vol 6 Part B 2.4.2.21).
            if traits.capabilities.dataLength { links[record].payloadMax = 251 }
        case .terminate:
            let reason = HCIStatus(rawValue: UInt8(truncatingIfNeeded: packet.number))
            takeDown(end, of: record, reason: reason, at: time)
            takeDown(1 - end, of: record, reason: .localHostTerminated, at: time)
        case .encryptionRequest, .encryptionResponse, .startEncryption, .encryptionStarted, .encryptionRefused:
            goOnEncrypting(packet, on: record, end: end, time: time)
        }
    }

    /// The radio answers by itself; the answer waits for the next event.
    private mutating func answer(_ packet: LinkPacket, on record: Int, end: Int) {
        guard !ends[2 * record + end].isClosing else { return }
        enqueue(packet, on: record, end: end)
    }

    private mutating func goOnDiscovering(_ number: UInt16, on record: Int, end: Int, time: UInt64) {
        let rounds = number >> 8
        guard rounds <= 1 else {
            answer(LinkPacket(kind: .discovery, number: number - 1 << 8), on: record, end: end)
            return
        }
        guard let service = Service(rawValue: UInt8(truncatingIfNeeded: number)) else { return }
        let id = ends[2 * record + end].id
        let event = RadioEvent.discovered(link: id, service: service, handles: FakeRadio.handles)
        tell(Int(ends[2 * record + end].node), event, at: time)
    }

    /// Encryption start (Core 5.4 Vol 6 Part B 5.1.3.1): the central asks, the peripheral's host gives the key, and both check it
    /// with their first encrypted packets.
    private mutating func goOnEncrypting(_ packet: LinkPacket, on record: Int, end: Int, time: UInt64) {
        let index = Int(ends[2 * record + end].node)
        let id = ends[2 * record + end].id
        switch packet.kind {
        case .encryptionRequest:
            links[record].key = packet.key
            answer(LinkPacket(kind: .encryptionResponse), on: record, end: end)
            tell(index, .keyRequested(link: id), at: time)
        case .startEncryption:
            // The central's first encrypted packet tells whether it has the same key.
            answer(LinkPacket(kind: .encryptionStarted, key: packet.key), on: record, end: end)
        case .encryptionStarted:
            guard packet.key == nil || packet.key == links[record].key else {
                takeDown(end, of: record, reason: .micFailure, at: time)
                takeDown(1 - end, of: record, reason: .micFailure, at: time)
                return
            }
            links[record].isEncrypted = true
            if end == LinkEnd.peripheral {
                answer(LinkPacket(kind: .encryptionStarted), on: record, end: end)
            }
            tell(index, .encrypted(link: id, status: .success), at: time)
        case .encryptionRefused:
            tell(index, .encrypted(link: id, status: .keyMissing), at: time)
        default:
            break
        }
    }

    /// The instant of new parameters has come.
    mutating func adoptParameters(_ record: Int) {
        guard let parameters = links[record].pending else { return }
        lookBack(record)
        settleLinks(of: links[record].central)
        settleLinks(of: links[record].peripheral)
        let event = links[record].firstEvent(from: clock)
        links[record].pending = nil
        links[record].anchor = event.anchor
        links[record].count = event.number
        links[record].parameters = parameters
        links[record].period = LowEnergyLink.period(parameters, ppm: stations[links[record].central].clockPPM)
        links[record].supervision = UInt64(parameters.supervisionTimeout) * 10_000 * Airtime.microsecond
        for end in 0...1 where ends[2 * record + end].isUp {
            let id = ends[2 * record + end].id
            tell(
                Int(ends[2 * record + end].node),
                .parametersChanged(link: id, parameters: parameters),
                at: clock
            )
        }
    }
}
