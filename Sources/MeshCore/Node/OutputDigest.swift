import ByteCoding
import MeshWire
public import RadioPort

/// FNV-1a, 64 bits, over every output of every node: time, node, encoded command or event, in event order.
///
/// Equal digests of two runs mean that every node did the same at the same time. Trace values are left out, so that watching
/// does not change the digest.
public struct OutputDigest: Sendable, Equatable {
    /// The hash so far.
    public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The hash of nothing.
    public init() {}

    /// Adds an output of a node.
    public mutating func add(_ output: Output, node: UInt16, at now: Instant) {
        switch output {
        case .trace, .needsEntropy:
            return
        case .radio(let command): add(command, node: node, at: now)
        case .deliver(let message):
            head(tag: 2, node: node, at: now)
            add(message)
        case .persist(let state):
            head(tag: 3, node: node, at: now)
            add(state)
        case .restart(let reason):
            head(tag: 4, node: node, at: now)
            add(reason)
        }
    }

    /// Adds a command of a node.
    public mutating func add(_ command: RadioCommand, node: UInt16, at now: Instant) {
        head(tag: 1, node: node, at: now)
        add(command)
    }

    private mutating func head(tag: UInt8, node: UInt16, at now: Instant) {
        add(now.microseconds)
        add(node)
        add(tag)
    }

    private mutating func add(_ command: RadioCommand) {
        switch command {
        case .advertise(let data, let scanResponse, let connectable, let interval):
            add(UInt8(0))
            add(data)
            add(scanResponse)
            add(UInt8(connectable ? 1 : 0))
            add(interval)
        case .stopAdvertising:
            add(UInt8(1))
        case .scan(let timing):
            add(UInt8(2))
            add(timing)
        case .stopScan:
            add(UInt8(3))
        case .connect(let token, let address, let parameters, let scan, let timeout):
            add(UInt8(4))
            add(token.rawValue)
            add(address.value)
            add(address.kind.rawValue)
            add(parameters)
            add(scan)
            add(timeout)
        case .cancelConnect:
            add(UInt8(5))
        case .encrypt(let link, let key):
            add(UInt8(6))
            add(link.rawValue)
            add(key)
        case .answerKey(let link, let key):
            add(UInt8(7))
            add(link.rawValue)
            add(UInt8(key == nil ? 0 : 1))
            add(key ?? .zero)
        case .exchangeMTU(let link, let mtu):
            add(UInt8(8))
            add(link.rawValue)
            add(mtu)
        case .setDataLength(let link):
            add(UInt8(9))
            add(link.rawValue)
        case .discover(let link, let service):
            add(UInt8(10))
            add(link.rawValue)
            add(service.rawValue)
        case .write(let link, let handle, let value, let kind):
            add(UInt8(11))
            add(link.rawValue)
            add(handle.rawValue)
            add(value)
            add(kind.rawValue)
        case .notify(let link, let handle, let value):
            add(UInt8(12))
            add(link.rawValue)
            add(handle.rawValue)
            add(value)
        case .updateParameters(let link, let parameters):
            add(UInt8(13))
            add(link.rawValue)
            add(parameters)
        case .disconnect(let link, let reason):
            add(UInt8(14))
            add(link.rawValue)
            add(reason.rawValue)
        }
    }

    private mutating func add(_ state: PersistentState) {
        add(state.enrolledNodes)
        add(state.preferredMode.rawValue)
        add(UInt8(truncatingIfNeeded: state.preferredPartners.count))
        for node in state.preferredPartners {
            add(node.rawValue)
        }
        add(UInt8(truncatingIfNeeded: state.groups.count))
        for group in state.groups {
            add(group.rawValue)
        }
        add(state.timeReportingInterval)
        add(state.reportIntervals.status)
        add(state.reportIntervals.deviceInfo)
        add(state.reportIntervals.connections)
        add(state.reportIntervals.nearby)
        add(UInt16(state.liveReportLevel ?? 0) | (state.liveReportLevel == nil ? 0x100 : 0))
        add(UInt8(truncatingIfNeeded: state.inactiveModules.count))
        for module in state.inactiveModules {
            add(module.wrapped)
        }
        // Only where there is something to add: digests of what never changes its mode stay as they are.
        if let mode = state.clustering {
            add(UInt8(mode == .graft ? 1 : 0))
        }
        if let plan = state.plannedClustering {
            add(UInt8(plan.mode == .graft ? 3 : 2))
            add(plan.at)
        }
        if let enrolment = state.enrolment {
            add(UInt8(enrolment.node == nil ? 4 : 5))
            add(enrolment.node?.rawValue ?? 0)
            add(enrolment.network.rawValue)
            add(enrolment.networkKey)
            add(enrolment.userBaseKey)
            add(enrolment.organizationKey)
        }
    }

    private mutating func add(_ parameters: ConnectionParameters) {
        add(parameters.interval)
        add(parameters.latency)
        add(parameters.supervisionTimeout)
    }

    private mutating func add(_ timing: ScanTiming) {
        add(timing.intervalMicroseconds)
        add(timing.windowMicroseconds)
    }

    private mutating func add(_ key: Key128) {
        add(key.low)
        add(key.high)
    }

    private mutating func add<let capacity: Int>(_ bytes: InlineBytes<capacity>) {
        add(UInt8(truncatingIfNeeded: bytes.count))
        var hash = value
        bytes.forEach { hash = (hash ^ UInt64($0)) &* 0x100_0000_01B3 }
        value = hash
    }

    private mutating func add(_ number: some FixedWidthInteger & UnsignedInteger) {
        var hash = value
        var rest = UInt64(truncatingIfNeeded: number)
        for _ in 0..<number.bitWidth / 8 {
            hash = (hash ^ (rest & 0xFF)) &* 0x100_0000_01B3
            rest >>= 8
        }
        value = hash
    }
}
