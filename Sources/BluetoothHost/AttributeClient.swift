import BluetoothWire
import ByteCoding
import RadioPort

/// The ATT client at one end of a link: requests wait in a queue, one is outstanding (Core 5.4 Vol 3 Part F 3.3.2).
struct AttributeClient: Sendable {
    /// What the client asks the peer.
    enum Request: Equatable, Sendable {
        case exchangeMTU(UInt16)
        case write(handle: UInt16, value: ATTPacket.Value)
        case discover(Service, Discovery)
    }

    /// How far the search for a service is.
    enum Discovery: Equatable, Sendable {
        case service
        case characteristics(next: UInt16, last: UInt16, found: Found)
        case configuration(last: UInt16, found: Found)
    }

    /// Handles found so far, 0 for those that were not.
    struct Found: Equatable, Sendable {
        var mesh: UInt16 = 0
        var receive: UInt16 = 0
        var transmit: UInt16 = 0
    }

    /// What the answer of the peer came to.
    enum Outcome: Equatable, Sendable {
        case nothing
        case mtu(UInt16)
        case written
        case writeRefused(UInt8)
        case discovered(Service, ServiceHandles?)
    }

    /// Requests that may wait; a further one is refused.
    static let requestsMax = 8

    private var requests: [Request] = []
    private var isOutstanding = false

    /// Queues a request; false if too many wait.
    mutating func append(_ request: Request) -> Bool {
        guard requests.count < Self.requestsMax else { return false }
        requests.append(request)
        return true
    }

    /// The packet to send now, if none is outstanding.
    mutating func next() -> ATTPacket? {
        guard !isOutstanding, let request = requests.first else { return nil }
        isOutstanding = true
        switch request {
        case .exchangeMTU(let mtu): return .exchangeMTURequest(mtu)
        case .write(let handle, let value): return .writeRequest(handle: handle, value: value)
        case .discover(let service, .service):
            return .findByTypeValueRequest(first: 1, last: 0xFFFF, type: 0x2800, value: Self.uuid(of: service))
        case .discover(_, .characteristics(let next, let last, _)):
            return .readByTypeRequest(
                first: next,
                last: last,
                type: ATTPacket.Value(AttributeDatabase.characteristic)
            )
        case .discover(_, .configuration(let last, let found)):
            return .findInformationRequest(first: found.transmit + 1, last: last)
        }
    }

    /// Takes an answer; one that nobody asked for changes nothing.
    mutating func receive(_ packet: ATTPacket, ownMTU: UInt16) -> Outcome? {
        guard isOutstanding, let request = requests.first else { return nil }
        switch (request, packet) {
        case (.exchangeMTU, .exchangeMTUResponse(let mtu)):
            return finish(.mtu(max(AttributeServer.mtuMin, min(mtu, ownMTU))))
        case (.exchangeMTU, .error):
            // A peer that knows no exchange keeps the first MTU (Core 5.4 Vol 3 Part F 3.4.2.2).
            return finish(.mtu(AttributeServer.mtuMin))
        case (.write, .writeResponse): return finish(.written)
        case (.write, .error(_, _, let code)): return finish(.writeRefused(code))
        case (.discover(let service, let discovery), _):
            return advance(service, discovery, packet)
        default: return nil
        }
    }

    private mutating func finish(_ outcome: Outcome) -> Outcome {
        requests.removeFirst()
        isOutstanding = false
        return outcome
    }

    private mutating func goOn(_ service: Service, _ discovery: Discovery) -> Outcome {
        requests[0] = .discover(service, discovery)
        isOutstanding = false
        return .nothing
    }

    // MARK: - Discovery

    private mutating func advance(_ service: Service, _ discovery: Discovery, _ packet: ATTPacket) -> Outcome? {
        let body: [UInt8]
        switch packet {
        case .error: body = []
        case .other(_, let bytes): body = bytes.array
        default: return nil
        }
        let opcode = packet.opcode
        switch discovery {
        case .service:
            guard opcode == 0x07, body.count >= 4 else { return finish(.discovered(service, nil)) }
            let first = Self.word(body, 0)
            let last = Self.word(body, 2)
            guard first < last else { return finish(.discovered(service, nil)) }
            return goOn(service, .characteristics(next: first, last: last, found: Found()))
        case .characteristics(let next, let last, var found):
            guard opcode == 0x09, let size = body.first.map(Int.init), size >= 7 else {
                return complete(service, last, found)
            }
            var latest = next
            for start in stride(from: 1, through: body.count - size, by: size) {
                let uuid = Array(body[(start + 5)..<(start + size)])
                let value = Self.word(body, start + 3)
                latest = max(latest, Self.word(body, start))
                if uuid == AttributeDatabase.meshCharacteristic { found.mesh = value }
                if uuid == AttributeDatabase.accessReceive { found.receive = value }
                if uuid == AttributeDatabase.accessTransmit { found.transmit = value }
            }
            // A server that answers with what was told before would be asked for ever.
            guard body.count > size, latest < last else { return complete(service, last, found) }
            return goOn(service, .characteristics(next: latest + 1, last: last, found: found))
        case .configuration(_, let found):
            var configuration: UInt16 = 0
            if opcode == 0x05, body.first == 1 {
                for start in stride(from: 1, through: body.count - 4, by: 4)
                where Array(body[(start + 2)..<(start + 4)]) == AttributeDatabase.clientConfiguration {
                    configuration = Self.word(body, start)
                    break
                }
            }
            guard configuration != 0 else { return finish(.discovered(service, nil)) }
            return finish(.discovered(service, Self.handles(found, configuration)))
        }
    }

    /// All characteristics of the service are known.
    private mutating func complete(_ service: Service, _ last: UInt16, _ found: Found) -> Outcome {
        switch service {
        case .mesh:
            return finish(.discovered(service, found.mesh == 0 ? nil : Self.handles(found, 0)))
        case .meshAccess:
            guard found.receive != 0, found.transmit != 0, found.transmit < last else {
                return finish(.discovered(service, nil))
            }
            return goOn(service, .configuration(last: last, found: found))
        }
    }

    private static func handles(_ found: Found, _ configuration: UInt16) -> ServiceHandles {
        ServiceHandles(
            meshValue: AttributeHandle(rawValue: found.mesh),
            accessReceive: AttributeHandle(rawValue: found.receive),
            accessTransmit: AttributeHandle(rawValue: found.transmit),
            accessConfiguration: AttributeHandle(rawValue: configuration)
        )
    }

    private static func uuid(of service: Service) -> ATTPacket.Value {
        switch service {
        case .mesh: ATTPacket.Value(AttributeDatabase.meshService)
        case .meshAccess: ATTPacket.Value(AttributeDatabase.accessService)
        }
    }

    private static func word(_ bytes: [UInt8], _ index: Int) -> UInt16 {
        UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8
    }
}
