import BluetoothHost
import BluetoothWire
import ByteCoding
import RadioPort

/// Two hosts over two small controllers that hear each other: everything happens at once and in order.
///
/// The controllers do what a test needs of Core 5.4 Vol 4 Part E and nothing more; each holds ``buffers`` packets.
struct ControllerPair {
    static let addresses: [UInt64] = [0x00_1B_DC_F0_00_01, 0x00_1B_DC_F0_00_02]
    static let handle: UInt16 = 0x40

    var hosts = [Host(), Host()]
    var now = Instant.zero
    /// Events of each host, oldest first.
    var events: [[RadioEvent]] = [[], []]
    var faults: [[HostFault]] = [[], []]
    /// Opcodes that each controller got, in order.
    var opcodes: [[HCIOpcode]] = [[], []]
    /// Status that an opcode is answered with instead of being carried out.
    var refusals: [[HCIOpcode: UInt8]] = [[:], [:]]
    /// Whether a controller answers at all.
    var isSilent = [false, false]
    /// Whether a cancelled attempt has an outcome, as it must.
    var tellsCancelled = true
    var bufferSize: UInt8 = 27
    let buffers: UInt8 = 2
    var packetsHeld = [0, 0]
    var packetsHeldMost = 0

    private var keys: [InlineBytes<16>?] = [nil, nil]
    private var advertising: [(enabled: Bool, data: [UInt8])] = [(false, []), (false, [])]
    private var scanning = [false, false]
    private var initiating = [false, false]
    private var isLinked = false
    private var central = 0
    private var queue: [(side: Int, packet: [UInt8])] = []

    mutating func start() {
        for side in 0...1 {
            var outputs: [HostOutput] = []
            hosts[side].start(at: now, into: &outputs)
            take(outputs, side)
        }
        settle()
    }

    /// Starts one host again over the transport that it had.
    mutating func restart(_ side: Int) {
        var outputs: [HostOutput] = []
        hosts[side].restart(at: now, into: &outputs)
        take(outputs, side)
        settle()
    }

    mutating func perform(_ command: RadioCommand, _ side: Int) {
        var outputs: [HostOutput] = []
        hosts[side].perform(command, at: now, into: &outputs)
        take(outputs, side)
        settle()
    }

    /// Gives a host a packet that its controller makes up.
    mutating func inject(_ packet: [UInt8], _ side: Int) {
        queue.append((side, packet))
        settle()
    }

    mutating func pass(_ microseconds: UInt64) {
        now = now.advanced(byMicroseconds: microseconds)
        for side in 0...1 {
            var outputs: [HostOutput] = []
            hosts[side].wake(at: now, into: &outputs)
            take(outputs, side)
        }
        settle()
    }

    /// A host whose controller is not there any more to answer by itself.
    static func readyHost() -> Host {
        var pair = ControllerPair()
        pair.start()
        return pair.hosts[0]
    }

    /// The link of the last `connected` of a host.
    func link(_ side: Int) -> LinkID {
        for case .connected(_, let link, _, _, _) in events[side].reversed() { return link }
        return LinkID(rawValue: 0)
    }

    private mutating func settle() {
        while !queue.isEmpty {
            let (side, packet) = queue.removeFirst()
            var outputs: [HostOutput] = []
            hosts[side].receive(packet, at: now, into: &outputs)
            take(outputs, side)
        }
    }

    private mutating func take(_ outputs: [HostOutput], _ side: Int) {
        for output in outputs {
            switch output {
            case .event(let event): events[side].append(event)
            case .fault(let fault): faults[side].append(fault)
            case .notice: break
            case .packet(let packet):
                guard !isSilent[side] else { continue }
                if packet[0] == 2 { carry(packet, side) } else { run(packet, side) }
            }
        }
    }

    // MARK: - Data

    private mutating func carry(_ packet: [UInt8], _ side: Int) {
        packetsHeld[side] += 1
        packetsHeldMost = max(packetsHeldMost, packetsHeld[side])
        guard isLinked else { return }
        var received = packet
        // A first packet reaches the other host with the boundary 2.
        if received[2] & 0x30 == 0 { received[2] |= 0x20 }
        queue.append((1 - side, received))
        packetsHeld[side] -= 1
        event(side, 0x13, [1, packet[1], packet[2] & 0x0F, 1, 0])
    }

    // MARK: - Commands

    private mutating func run(_ packet: [UInt8], _ side: Int) {
        guard let command = try? HCICommand(bytes: Array(packet.dropFirst())) else { return }
        opcodes[side].append(command.opcode)
        if let status = refusals[side][command.opcode] {
            complete(command, side, [status])
            return
        }
        switch command.opcode {
        case .readAddress: complete(command, side, [0] + Self.bytes(Self.addresses[side], 6))
        case .leReadLocalFeatures: complete(command, side, [0] + Self.bytes(1 | 1 << 5, 8))
        case .leReadBufferSize: complete(command, side, [0, bufferSize, 0, bufferSize == 0 ? 0 : buffers])
        case .readBufferSize: complete(command, side, [0, 192, 0, 0, buffers, 0, 0, 0])
        case .leSetAdvertisingData:
            advertising[side].data = Array(command.parameters.array[1...].prefix(Int(command.parameters[0])))
            complete(command, side, [0])
        case .leSetAdvertisingEnable:
            advertising[side].enabled = command.parameters[0] == 1
            complete(command, side, [0])
            meet()
        case .leSetScanEnable:
            scanning[side] = command.parameters[0] == 1
            complete(command, side, [0])
            meet()
        case .leCreateConnection:
            status(command, side, 0)
            initiating[side] = true
            meet()
        case .leCreateConnectionCancel:
            complete(command, side, [0])
            if initiating[side], tellsCancelled { connection(side, status: 0x02, role: 0) }
            initiating[side] = false
        case .leEnableEncryption:
            status(command, side, 0)
            keys[side] = InlineBytes(command.parameters.array[12...])
            event(1 - side, 0x3E, [0x05] + Self.bytes(UInt64(Self.handle), 2) + [UInt8](repeating: 0, count: 10))
        case .leLongTermKeyReply:
            complete(command, side, [0])
            if InlineBytes<16>(command.parameters.array[2...]) == keys[1 - side] {
                for end in 0...1 { event(end, 0x08, [0] + Self.bytes(UInt64(Self.handle), 2) + [1]) }
            } else {
                end(0x3D, 0x3D)
            }
        case .leLongTermKeyNegativeReply:
            complete(command, side, [0])
            event(1 - side, 0x08, [6] + Self.bytes(UInt64(Self.handle), 2) + [0])
        case .disconnect:
            status(command, side, 0)
            if side == 0 { end(0x16, command.parameters[2]) } else { end(command.parameters[2], 0x16) }
        case .readRSSI: complete(command, side, [0] + Self.bytes(UInt64(Self.handle), 2) + [0xC4])
        case .leConnectionUpdate:
            status(command, side, 0)
            let values = Array(command.parameters.array[4..<10])
            for end in 0...1 { event(end, 0x3E, [0x03, 0] + Self.bytes(UInt64(Self.handle), 2) + values) }
        default: complete(command, side, [0])
        }
    }

    /// Whoever scans hears who advertises; whoever initiates reaches it.
    private mutating func meet() {
        for side in 0...1 where advertising[1 - side].enabled {
            let address = Self.bytes(Self.addresses[1 - side], 6)
            if scanning[side] {
                let data = advertising[1 - side].data
                event(side, 0x3E, [0x02, 1, 0, 0] + address + [UInt8(data.count)] + data + [0xC4])
            }
            if initiating[side], !isLinked {
                initiating[side] = false
                advertising[1 - side].enabled = false
                isLinked = true
                central = side
                connection(side, status: 0, role: 0)
                connection(1 - side, status: 0, role: 1)
            }
        }
    }

    private mutating func connection(_ side: Int, status: UInt8, role: UInt8) {
        let peer = Self.bytes(Self.addresses[1 - side], 6)
        let handle = Self.bytes(UInt64(Self.handle), 2)
        event(side, 0x3E, [0x01, status] + handle + [role, 0] + peer + [12, 0, 0, 0, 100, 0, 0])
    }

    private mutating func end(_ first: UInt8, _ second: UInt8) {
        isLinked = false
        packetsHeld = [0, 0]
        for (side, reason) in [first, second].enumerated() {
            event(side, 0x05, [0] + Self.bytes(UInt64(Self.handle), 2) + [reason])
        }
    }

    private mutating func complete(_ command: HCICommand, _ side: Int, _ parameters: [UInt8]) {
        event(side, 0x0E, [1] + Self.bytes(UInt64(command.opcode.rawValue), 2) + parameters)
    }

    private mutating func status(_ command: HCICommand, _ side: Int, _ status: UInt8) {
        event(side, 0x0F, [status, 1] + Self.bytes(UInt64(command.opcode.rawValue), 2))
    }

    private mutating func event(_ side: Int, _ code: UInt8, _ parameters: [UInt8]) {
        queue.append((side, [4, code, UInt8(parameters.count)] + parameters))
    }

    private static func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }
}
