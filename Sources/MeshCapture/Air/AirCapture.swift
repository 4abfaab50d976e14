import ByteCoding
public import RadioPort

/// A capture of simulated air for Wireshark: what radios told their nodes, written as the packets that it came in.
///
/// ```swift
/// var capture = AirCapture(comment: "three nodes")
/// capture.note(event, at: now, address: address)   // for every event of every node, in the order of time
/// write(capture.takeBytes())
/// ```
///
/// Advertisements that nobody received are not in it, nor are empty packets of connections: no simulator works those out one by
/// one. What links carry is in the clear, whatever they are encrypted with. Channels are not known at the radio port: all
/// advertisements stand on channel 37 and all data on channel 0. The comment of the file says all this.
public struct AirCapture: Sendable {
    /// A connection, with the sequence numbers of either end: 0 the central's, 1 the peripheral's.
    private struct Connection: Sendable {
        var accessAddress: UInt32
        var initialCRC: UInt32
        var pair: Pair
        var next: InlineArray<2, UInt8> = InlineArray(repeating: 0)
        var expected: InlineArray<2, UInt8> = InlineArray(repeating: 0)
        var isUp = true
        var hasMTU = false
    }

    /// One end of a link.
    private struct End: Hashable, Sendable {
        var address: Address
        var link: LinkID
    }

    private struct Pair: Hashable, Sendable {
        var central: Address
        var peripheral: Address
    }

    /// An advertisement under way: all who hear it, hear the same one.
    private struct Airing: Sendable {
        var at: Instant
        var data: AdvertisingData
        var receivers: Set<Address>
    }

    /// The same advertisement reaches everybody within this time.
    private static let airingMicroseconds: UInt64 = 60_000
    private static let caveat = """
        Simulated air, as the nodes heard it. What links carry is written in the clear, whatever encrypts it. Not in it: \
        advertisements that nobody received, and empty packets. Channels are not known: advertisements stand on 37, data on 0.
        """

    private var pending: [UInt8]
    private var airings: [Address: Airing] = [:]
    private var connections: [Connection] = []
    private var ends: [End: (connection: Int, role: Int)] = [:]
    /// The last connection of a pair, with the end that has told of it.
    private var latest: [Pair: (connection: Int, roles: Set<Int>)] = [:]
    /// Frames written so far.
    public private(set) var frameCount = 0

    /// A capture that begins.
    ///
    /// - Parameter comment: what stands in the file before the caveats.
    public init(comment: String) {
        pending = PacketCaptureFormat.fileHeader(comment: comment + "\n" + Self.caveat)
    }

    /// The bytes of the file since they were last taken.
    public mutating func takeBytes() -> [UInt8] {
        let taken = pending
        pending.removeAll(keepingCapacity: true)
        return taken
    }

    /// Notes what a radio told its node.
    ///
    /// - Parameters:
    ///   - event: the event.
    ///   - instant: when; never before the time of an earlier event.
    ///   - address: the address of that radio.
    public mutating func note(_ event: RadioEvent, at instant: Instant, address: Address) {
        switch event {
        case .advertisement(let sender, let rssi, let connectable, let data):
            advertisement(from: sender, to: address, rssi: rssi, connectable: connectable, data: data, at: instant)
        case .connected(_, let link, let role, let partner, let parameters):
            connected(End(address: address, link: link), role: role, partner: partner, parameters, at: instant)
        case .mtu(let link, let value):
            mtu(End(address: address, link: link), value, at: instant)
        case .written(let link, let handle, let value, let kind):
            attribute(kind == .request ? 0x12 : 0x52, handle, value, to: End(address: address, link: link), at: instant)
        case .notified(let link, let handle, let value):
            attribute(0x1B, handle, value, to: End(address: address, link: link), at: instant)
        case .writeConfirmed(let link):
            guard let (number, role) = ends[End(address: address, link: link)] else { return }
            data([0x13], over: number, from: 1 - role, at: instant)
        case .disconnected(let link, let reason):
            disconnected(End(address: address, link: link), reason, at: instant)
        case .ready, .capabilitiesChanged, .failed, .connectFailed, .encrypted, .keyRequested, .discovered, .sent,
            .parametersRequested, .parametersChanged, .linkRSSI:
            return
        }
    }

    // MARK: - Advertising channels

    private mutating func advertisement(
        from sender: Address,
        to receiver: Address,
        rssi: Int8,
        connectable: Bool,
        data: AdvertisingData,
        at instant: Instant
    ) {
        if var airing = airings[sender], airing.data == data,
            instant.microseconds(since: airing.at) <= Self.airingMicroseconds,
            airing.receivers.insert(receiver).inserted
        {
            airings[sender] = airing
            return
        }
        airings[sender] = Airing(at: instant, data: data, receivers: [receiver])
        // ADV_IND, ADV_NONCONN_IND.
        let type: UInt8 = connectable ? 0 : 2
        let payload = LinkLayerFrame.bytes(sender.value, 6) + data.array
        let header = [type | sender.kind.rawValue << 6, UInt8(payload.count)]
        append(
            LinkLayerFrame(
                direction: .advertising,
                channel: LinkLayerFrame.advertisingChannel,
                strength: rssi,
                accessAddress: LinkLayerFrame.advertisingAccessAddress,
                initialCRC: LinkLayerFrame.advertisingCRC,
                pdu: header + payload
            ),
            at: instant
        )
    }

    private mutating func connected(
        _ end: End,
        role: LinkRole,
        partner: Address,
        _ parameters: ConnectionParameters,
        at instant: Instant
    ) {
        let place = role == .central ? 0 : 1
        let pair =
            role == .central
            ? Pair(central: end.address, peripheral: partner) : Pair(central: partner, peripheral: end.address)
        if let known = latest[pair], !known.roles.contains(place) {
            // The other end has told of it already.
            latest[pair]?.roles.insert(place)
            ends[end] = (known.connection, place)
            return
        }
        let number = connections.count
        let connection = Connection(
            accessAddress: 0x5065_0000 &+ UInt32(truncatingIfNeeded: number) &* 0x0001_0193,
            initialCRC: 0x5A_0000 | UInt32(truncatingIfNeeded: number) & 0xFFFF,
            pair: pair
        )
        connections.append(connection)
        latest[pair] = (number, [place])
        ends[end] = (number, place)

        var payload = LinkLayerFrame.bytes(pair.central.value, 6) + LinkLayerFrame.bytes(pair.peripheral.value, 6)
        payload += LinkLayerFrame.bytes(connection.accessAddress, 4) + LinkLayerFrame.bytes(connection.initialCRC, 3)
        payload += [1, 0, 0]
        payload += LinkLayerFrame.bytes(parameters.interval, 2) + LinkLayerFrame.bytes(parameters.latency, 2)
        payload += LinkLayerFrame.bytes(parameters.supervisionTimeout, 2)
        payload += [0xFF, 0xFF, 0xFF, 0xFF, 0x1F, 5]
        // CONNECT_IND.
        let header = [5 | pair.central.kind.rawValue << 6 | pair.peripheral.kind.rawValue << 7, UInt8(payload.count)]
        append(
            LinkLayerFrame(
                direction: .advertising,
                channel: LinkLayerFrame.advertisingChannel,
                strength: nil,
                accessAddress: LinkLayerFrame.advertisingAccessAddress,
                initialCRC: LinkLayerFrame.advertisingCRC,
                pdu: header + payload
            ),
            at: instant
        )
    }

    // MARK: - Data channels

    private mutating func mtu(_ end: End, _ value: UInt16, at instant: Instant) {
        guard let (number, _) = ends[end], !connections[number].hasMTU else { return }
        connections[number].hasMTU = true
        // The central asks, the peripheral answers.
        data([0x02] + LinkLayerFrame.bytes(value, 2), over: number, from: 0, at: instant)
        data([0x03] + LinkLayerFrame.bytes(value, 2), over: number, from: 1, at: instant)
    }

    private mutating func attribute(
        _ opcode: UInt8,
        _ handle: AttributeHandle,
        _ value: AttributeValue,
        to end: End,
        at instant: Instant
    ) {
        guard let (number, role) = ends[end] else { return }
        let packet = [opcode] + LinkLayerFrame.bytes(handle.rawValue, 2) + value.array
        data(packet, over: number, from: 1 - role, at: instant)
    }

    private mutating func disconnected(_ end: End, _ reason: HCIStatus, at instant: Instant) {
        guard let (number, role) = ends.removeValue(forKey: end) else { return }
        // A link that only one end ever had must not be taken for the next one of the two.
        if latest[connections[number].pair]?.connection == number { latest[connections[number].pair] = nil }
        guard connections[number].isUp else { return }
        // Only an end that is told so by the other has heard anything.
        guard reason != .connectionTimeout, reason != .localHostTerminated else { return }
        connections[number].isUp = false
        // LL_TERMINATE_IND.
        control([0x02, reason.rawValue], over: number, from: 1 - role, at: instant)
    }

    /// An ATT packet, in one L2CAP frame in one PDU.
    private mutating func data(_ packet: [UInt8], over number: Int, from role: Int, at instant: Instant) {
        let payload = LinkLayerFrame.bytes(UInt16(packet.count), 2) + [4, 0] + packet
        send(payload, kind: 2, over: number, from: role, at: instant)
    }

    private mutating func control(_ packet: [UInt8], over number: Int, from role: Int, at instant: Instant) {
        send(packet, kind: 3, over: number, from: role, at: instant)
    }

    private mutating func send(_ payload: [UInt8], kind: UInt8, over number: Int, from role: Int, at instant: Instant) {
        let connection = connections[number]
        let header = kind | connection.expected[role] << 2 | connection.next[role] << 3
        connections[number].next[role] ^= 1
        connections[number].expected[1 - role] ^= 1
        append(
            LinkLayerFrame(
                direction: role == 0 ? .fromCentral : .fromPeripheral,
                channel: LinkLayerFrame.dataChannel,
                strength: nil,
                accessAddress: connection.accessAddress,
                initialCRC: connection.initialCRC,
                pdu: [header, UInt8(payload.count)] + payload
            ),
            at: instant
        )
    }

    private mutating func append(_ frame: LinkLayerFrame, at instant: Instant) {
        pending += PacketCaptureFormat.packet(frame.bytes, microseconds: instant.microseconds)
        frameCount += 1
    }
}
