import ByteCoding
import LinuxSystem
import RadioPort

/// One link to a device of BlueZ: what may be written waits until BlueZ has found the peer's attributes.
final class DeviceLink {
    /// One write of the node.
    struct Write {
        var handle: AttributeHandle
        var bytes: [UInt8]
        var kind: WriteKind
    }

    /// A channel to one characteristic that BlueZ handed over.
    private final class Channel {
        let descriptor: FileDescriptor
        var waiting: [[UInt8]] = []
        /// Tells when there is room again, while something waits.
        var room: EventLoop.Watch?

        init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
    }

    /// What waits for a peer's attributes or a full channel at most; what is more is dropped and counted by the owner.
    static let waitingMax = 64

    let id: LinkID
    let role: LinkRole
    let address: Address
    let path: String
    private let bus: Bus
    private let loop: EventLoop
    /// Object paths of the peer's characteristics by the handle of their value.
    private var characteristics: [AttributeHandle: String] = [:]
    private var isResolved = false
    private var waiting: [Write] = []
    private var discoveries: [Service] = []
    private var channels: [String: Channel] = [:]
    /// Characteristics whose channel was asked for, or that have none.
    private var isAcquiring: Set<String> = []
    private var hasNoChannel: Set<String> = []
    private var handles: [Service: ServiceHandles] = [:]
    private var notifications: (SharedDescriptor, EventLoop.Watch)?
    /// ATT MTU as far as BlueZ told it.
    private(set) var mtu: UInt16 = 23
    /// Whether the node asked for its end.
    var isClosing = false
    /// Whether the node may notify the peer.
    var isNotified = false

    /// Takes what happens on the link.
    var event: (RadioEvent) -> Void = { _ in }

    init(id: LinkID, role: LinkRole, address: Address, path: String, bus: Bus, loop: EventLoop) {
        self.id = id
        self.role = role
        self.address = address
        self.path = path
        self.bus = bus
        self.loop = loop
    }

    deinit {
        if let notifications { loop.unwatch(notifications.1) }
        for channel in channels.values { if let room = channel.room { loop.unwatch(room) } }
    }

    // MARK: - Attributes

    /// BlueZ knows the peer's attributes.
    func resolved(_ objects: BlueZObjects) {
        guard !isResolved else { return }
        isResolved = true
        var byUUID: [String: AttributeHandle] = [:]
        for characteristic in objects.paths(with: BlueZ.characteristic, below: path) {
            // The path ends with the handle of the declaration; the value stands behind it.
            guard let declaration = UInt16(characteristic.suffix(4), radix: 16) else { continue }
            let handle = AttributeHandle(rawValue: declaration &+ 1)
            characteristics[handle] = characteristic
            let uuid = objects.property(characteristic, BlueZ.characteristic, "UUID")?.string ?? ""
            byUUID[uuid.lowercased()] = handle
        }
        let none = AttributeHandle(rawValue: 0)
        if let value = byUUID[BlueZ.meshValue] {
            handles[.mesh] = ServiceHandles(
                meshValue: value,
                accessReceive: none,
                accessTransmit: none,
                accessConfiguration: none
            )
        }
        if let receive = byUUID[BlueZ.accessReceive], let transmit = byUUID[BlueZ.accessTransmit] {
            handles[.meshAccess] = ServiceHandles(
                meshValue: byUUID[BlueZ.meshValue] ?? none,
                accessReceive: receive,
                accessTransmit: transmit,
                accessConfiguration: AttributeHandle(rawValue: transmit.rawValue &+ 1)
            )
        }
        for service in discoveries { answer(service) }
        discoveries = []
        let writes = waiting
        waiting = []
        for write in writes { carryOut(write) }
    }

    /// Which handles a service of the peer has; told by `discovered`.
    func discover(_ service: Service) {
        if isResolved { answer(service) } else { discoveries.append(service) }
    }

    private func answer(_ service: Service) {
        tell(.discovered(link: id, service: service, handles: handles[service]))
    }

    // MARK: - Writing

    /// Writes to the peer, now or when that is possible; false if too much waits already.
    func write(_ write: Write) -> Bool {
        guard isResolved else {
            guard waiting.count < Self.waitingMax else { return false }
            waiting.append(write)
            return true
        }
        carryOut(write)
        return true
    }

    private func carryOut(_ write: Write) {
        if let access = handles[.meshAccess], write.handle == access.accessConfiguration {
            subscribe(characteristics[access.accessTransmit] ?? "")
            return
        }
        guard let characteristic = characteristics[write.handle] else { return }
        if write.kind == .command, !hasNoChannel.contains(characteristic) {
            enqueue(write, on: characteristic)
        } else {
            call(write, on: characteristic)
        }
    }

    private func call(_ write: Write, on characteristic: String) {
        let type = write.kind == .request ? "request" : "command"
        bus.call(
            BlueZ.service,
            characteristic,
            BlueZ.characteristic,
            "WriteValue",
            [.bytes(write.bytes), .dictionary([("type", .text(type))])]
        ) { [weak self] answer in
            guard let self, case .values = answer else { return }
            event(write.kind == .request ? .writeConfirmed(link: id) : .sent(link: id, count: 1))
        }
    }

    private func enqueue(_ write: Write, on characteristic: String) {
        if let channel = channels[characteristic] {
            channel.waiting.append(write.bytes)
            flush(channel)
            return
        }
        guard waiting.count < Self.waitingMax else { return }
        waiting.append(write)
        guard isAcquiring.insert(characteristic).inserted else { return }
        bus.call(BlueZ.service, characteristic, BlueZ.characteristic, "AcquireWrite", [.dictionary([])]) {
            [weak self] answer in
            self?.acquired(characteristic, answer)
        }
    }

    private func acquired(_ characteristic: String, _ answer: Bus.Answer) {
        isAcquiring.remove(characteristic)
        if case .values(let values) = answer, values.count == 2, case .descriptor(let number) = values[0] {
            let channel = Channel(FileDescriptor(number))
            try? channel.descriptor.stopBlocking()
            channels[characteristic] = channel
            learnMTU(values[1])
        } else {
            hasNoChannel.insert(characteristic)
        }
        let writes = waiting
        waiting = []
        for write in writes { carryOut(write) }
    }

    private func learnMTU(_ value: BusValue) {
        guard let value = value.integer else { return }
        mtu = UInt16(clamping: value)
    }

    private func flush(_ channel: Channel) {
        var count: UInt8 = 0
        while let packet = channel.waiting.first {
            do throws(SystemError) {
                guard try channel.descriptor.write(packet[...]) > 0 else { break }
            } catch {
                // The link is about to end; BlueZ will say so.
                channel.waiting = []
                break
            }
            channel.waiting.removeFirst()
            count &+= 1
        }
        if count > 0 { tell(.sent(link: id, count: count)) }
        if channel.waiting.count > Self.waitingMax { channel.waiting.removeLast() }
        awaitRoom(channel)
    }

    /// A full channel is tried again when BlueZ has read from it.
    private func awaitRoom(_ channel: Channel) {
        if channel.waiting.isEmpty {
            if let room = channel.room { loop.unwatch(room) }
            channel.room = nil
        } else if channel.room == nil {
            channel.room = try? loop.watch(channel.descriptor.rawValue, for: .writing) { [weak self, weak channel] _ in
                if let self, let channel { flush(channel) }
            }
        }
    }

    // MARK: - Notifications

    private func subscribe(_ characteristic: String) {
        bus.call(BlueZ.service, characteristic, BlueZ.characteristic, "AcquireNotify", [.dictionary([])]) {
            [weak self] answer in
            self?.subscribed(answer)
        }
    }

    private func subscribed(_ answer: Bus.Answer) {
        guard case .values(let values) = answer, values.count == 2, case .descriptor(let number) = values[0] else {
            return
        }
        let box = SharedDescriptor(FileDescriptor(number))
        try? box.descriptor.stopBlocking()
        learnMTU(values[1])
        guard
            let watch = try? loop.watch(
                number,
                for: .reading,
                { [unowned self] ready in
                    readNotifications(ready)
                }
            )
        else { return }
        notifications = (box, watch)
        event(.writeConfirmed(link: id))
    }

    private func readNotifications(_ ready: EventLoop.Readiness) {
        guard let (box, watch) = notifications, let handle = handles[.meshAccess]?.accessTransmit else { return }
        var buffer = [UInt8](repeating: 0, count: 517)
        while let count = try? box.descriptor.read(into: &buffer), count > 0 {
            event(.notified(link: id, handle: handle, value: AttributeValue(buffer[..<min(count, 64)])))
        }
        if ready.isBroken {
            loop.unwatch(watch)
            notifications = nil
        }
    }

    /// Tells the owner after this turn: it may be in the middle of a command.
    private func tell(_ event: RadioEvent) {
        loop.post { [weak self] in self?.event(event) }
    }
}
