import ByteCoding
import MeshCapture
import MeshCore
import MeshWire
import RadioPort
import TestSupport

/// Inputs of any content.
extension SplitMix {
    mutating func input(_ kind: RecordKind) -> Input {
        switch kind {
        case .checkpoint, .end: preconditionFailure("no input")
        case .started: .started(boot: boot())
        case .wake: .wake
        case .entropy: .entropy(InlineBytes(bytes(atMost: 32)))
        case .send: .request(.send(InlineBytes(bytes(atMost: 200))))
        case .sendRaw: .request(.sendRaw(InlineBytes(bytes(atMost: 200))))
        case .setTime: .request(.setTime(seconds: number(), offsetMinutes: Int16(truncatingIfNeeded: next())))
        case .reset: .request(.reset(afterDeciseconds: number()))
        case .discovery: .request(.discovery(running: flag()))
        case .disconnect: .request(.disconnect(flag() ? nil : NodeID(number())))
        case .ready: .radio(.ready(address: address(), capabilities: capabilities(), handles: handles()))
        case .capabilitiesChanged: .radio(.capabilitiesChanged(capabilities()))
        case .failed: .radio(.failed(status()))
        case .advertisement:
            .radio(
                .advertisement(
                    address: address(),
                    rssi: Int8(truncatingIfNeeded: next()),
                    connectable: flag(),
                    data: InlineBytes(bytes(atMost: 31))
                )
            )
        case .connected:
            .radio(
                .connected(
                    token: ConnectToken(rawValue: number()),
                    link: link(),
                    role: flag() ? .central : .peripheral,
                    address: address(),
                    parameters: parameters()
                )
            )
        case .connectFailed: .radio(.connectFailed(token: ConnectToken(rawValue: number()), reason: status()))
        case .encrypted: .radio(.encrypted(link: link(), status: status()))
        case .keyRequested: .radio(.keyRequested(link: link()))
        case .mtu: .radio(.mtu(link: link(), value: number()))
        case .discovered:
            .radio(
                .discovered(link: link(), service: flag() ? .mesh : .meshAccess, handles: flag() ? nil : handles())
            )
        case .written:
            .radio(
                .written(
                    link: link(),
                    handle: handle(),
                    value: InlineBytes(bytes(atMost: 64)),
                    kind: flag() ? .command : .request
                )
            )
        case .notified: .radio(.notified(link: link(), handle: handle(), value: InlineBytes(bytes(atMost: 64))))
        case .writeConfirmed: .radio(.writeConfirmed(link: link()))
        case .sent: .radio(.sent(link: link(), count: number()))
        case .parametersRequested: .radio(.parametersRequested(link: link(), parameters: parameters()))
        case .parametersChanged: .radio(.parametersChanged(link: link(), parameters: parameters()))
        case .linkRSSI: .radio(.linkRSSI(link: link(), rssi: Int8(truncatingIfNeeded: next())))
        case .disconnected: .radio(.disconnected(link: link(), reason: status()))
        }
    }

    /// Small numbers are as likely as great ones.
    mutating func number<Value: FixedWidthInteger>() -> Value {
        Value(truncatingIfNeeded: next() >> UInt64(below(64)))
    }

    mutating func flag() -> Bool { below(2) == 0 }

    private mutating func link() -> LinkID { LinkID(rawValue: number()) }
    private mutating func status() -> HCIStatus { HCIStatus(rawValue: number()) }
    private mutating func handle() -> AttributeHandle { AttributeHandle(rawValue: number()) }
    private mutating func address() -> Address { Address(value: next(), kind: flag() ? .public : .random) }

    mutating func parameters() -> ConnectionParameters {
        ConnectionParameters(interval: number(), latency: number(), supervisionTimeout: number())
    }

    private mutating func handles() -> ServiceHandles {
        ServiceHandles(
            meshValue: handle(),
            accessReceive: handle(),
            accessTransmit: handle(),
            accessConfiguration: handle()
        )
    }

    private mutating func capabilities() -> RadioCapabilities {
        RadioCapabilities(
            linksAsCentral: number(),
            linksAsPeripheral: number(),
            dualRole: flag(),
            advertiseWhileLinked: flag(),
            linkEncryption: flag(),
            dataLength: flag(),
            extendedAdvertising: flag(),
            mtuMax: number()
        )
    }

    private mutating func boot() -> BootRecord {
        var state = PersistentState()
        state.enrolledNodes = number()
        state.preferredPartners = (0..<below(Limits.preferredPartners + 1)).map { _ in NodeID(number()) }
        state.preferredMode = flag() ? .penalty : .ignored
        state.groups = (0..<below(Limits.dynamicGroups + 1)).map { _ in NodeID(number()) }
        state.timeReportingInterval = number()
        state.reportIntervals = ReportIntervals(
            status: number(),
            deviceInfo: number(),
            connections: number(),
            nearby: number()
        )
        state.liveReportLevel = flag() ? nil : number()
        // 0xF0 stands for modules of companies.
        state.inactiveModules = (0..<below(5)).map { _ in .plain(ModuleID(rawValue: UInt8(below(0xF0)))) }
        if flag() {
            state.enrolment = Enrolment(
                node: flag() ? nil : NodeID(number()),
                network: NetworkID(number()),
                networkKey: Key128(low: number(), high: number()),
                userBaseKey: Key128(low: number(), high: number()),
                organizationKey: Key128(low: number(), high: number())
            )
        }
        state.graftGeneration = flag() ? nil : number()
        state.clustering = flag() ? nil : flag() ? .classic : .graft
        state.plannedClustering = flag() ? nil : PlannedClustering(mode: flag() ? .classic : .graft, at: number())
        return BootRecord(bootNumber: flag() ? nil : number(), reason: number(), stored: state)
    }
}
