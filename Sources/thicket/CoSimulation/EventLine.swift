import ByteCoding
import MeshConfiguration
import MeshControl
import RadioFake
import RadioPort

/// One line that tells the node what happened, in the words of the radio port.
///
/// Keys that the port does not know are passed over. Where a radio has nothing to say, keys may be left out: the
/// `capabilities` and `handles` of `ready` (then those of the simulator's radio), `parameters` (then the mesh parameters),
/// `rssi_dbm` never.
struct EventLine: Equatable {
    /// What the line tells.
    enum Content: Equatable {
        /// The radio says something.
        case radio(RadioEvent)
        /// Time passes.
        case wake
    }

    var at: Instant
    var content: Content

    /// Reads a line.
    ///
    /// - Parameter text: one JSON object.
    /// - Throws: what is wrong with it.
    init(_ text: String) throws(ConfigurationError) {
        let document = Field(document: try DocumentNode(json: text, file: "line"), file: "line")
        let head = try document.section(["at_us", "event"], ignoringOthers: true)
        at = Instant(
            microseconds: try head.required("at_us", "microseconds").integer(0...UInt64(Int64.max), unit: "us")
        )
        let name: EventName = try head.required("event", "the name of an event").choice()
        content = try EventArguments(section: try document.section([], ignoringOthers: true)).content(of: name)
    }
}

/// The events of the port and the one that lets time pass.
private enum EventName: String, CaseIterable {
    case ready, failed, advertisement, connected, connectFailed, encrypted, keyRequested, mtu, discovered, written,
        notified
    case writeConfirmed, sent, parametersRequested, parametersChanged, linkRSSI, capabilitiesChanged, disconnected
    case wake
}

/// Reads the arguments of an event.
private struct EventArguments {
    let section: Section

    func content(of name: EventName) throws(ConfigurationError) -> EventLine.Content {
        switch name {
        case .wake: .wake
        case .ready:
            .radio(.ready(address: try address(), capabilities: try capabilities(), handles: try localHandles()))
        case .capabilitiesChanged: .radio(.capabilitiesChanged(try capabilities()))
        case .failed: .radio(.failed(try status("reason")))
        case .advertisement:
            .radio(
                .advertisement(
                    address: try address(),
                    rssi: try rssi(),
                    connectable: try required("connectable", "true, false").flag(),
                    data: AdvertisingData(try required("data", "hexadecimal digits").bytes(0...31))
                )
            )
        case .connected:
            .radio(
                .connected(
                    token: try token(),
                    link: try link(),
                    role: try role(),
                    address: try address(),
                    parameters: try parameters()
                )
            )
        case .connectFailed: .radio(.connectFailed(token: try token(), reason: try status("reason")))
        case .encrypted: .radio(.encrypted(link: try link(), status: try status("status")))
        case .keyRequested: .radio(.keyRequested(link: try link()))
        case .mtu: .radio(.mtu(link: try link(), value: try required("value", "23...517").integer(23...517)))
        case .discovered: .radio(.discovered(link: try link(), service: try service(), handles: try foundHandles()))
        case .written:
            .radio(.written(link: try link(), handle: try handle(), value: try value(), kind: try writeKind()))
        case .notified: .radio(.notified(link: try link(), handle: try handle(), value: try value()))
        case .writeConfirmed: .radio(.writeConfirmed(link: try link()))
        case .sent: .radio(.sent(link: try link(), count: try required("count", "0...255").integer(0...255)))
        case .parametersRequested: .radio(.parametersRequested(link: try link(), parameters: try parameters()))
        case .parametersChanged: .radio(.parametersChanged(link: try link(), parameters: try parameters()))
        case .linkRSSI: .radio(.linkRSSI(link: try link(), rssi: try rssi()))
        case .disconnected: .radio(.disconnected(link: try link(), reason: try status("reason")))
        }
    }

    // MARK: - Arguments

    private func required(_ key: String, _ hint: String) throws(ConfigurationError) -> Field {
        try section.required(key, hint)
    }

    private func link() throws(ConfigurationError) -> LinkID {
        LinkID(rawValue: try required("link", "1...4294967295").integer(1...UInt32.max))
    }

    private func token() throws(ConfigurationError) -> ConnectToken {
        ConnectToken(rawValue: try required("token", "0...4294967295").integer(0...UInt32.max))
    }

    private func rssi() throws(ConfigurationError) -> Int8 {
        try required("rssi_dbm", "-128...127 dBm").integer(Int8.min...Int8.max, unit: "dBm")
    }

    private func status(_ key: String) throws(ConfigurationError) -> HCIStatus {
        HCIStatus(rawValue: try required(key, "0...255").integer(0...255))
    }

    private func handle() throws(ConfigurationError) -> AttributeHandle {
        try Self.handle(try required("handle", "1...65535"))
    }

    private static func handle(_ field: Field) throws(ConfigurationError) -> AttributeHandle {
        AttributeHandle(rawValue: try field.integer(1...UInt16.max))
    }

    private func value() throws(ConfigurationError) -> AttributeValue {
        AttributeValue(try required("bytes", "hexadecimal digits").bytes(0...64))
    }

    private func role() throws(ConfigurationError) -> LinkRole {
        let name: RoleName = try required("role", "central, peripheral").choice()
        return name.role
    }

    private func writeKind() throws(ConfigurationError) -> WriteKind {
        let name: WriteKindName = try required("kind", "command, request").choice()
        return name.kind
    }

    private func service() throws(ConfigurationError) -> Service {
        let name: ServiceName = try required("service", "mesh, meshAccess").choice()
        return name.service
    }

    private func address() throws(ConfigurationError) -> Address {
        let field = try required("address", "six bytes as c0:00:00:00:00:07")
        let type: AddressTypeName = try required("address_type", "public, random").choice()
        let text = try field.text("six bytes as c0:00:00:00:00:07")
        guard let address = Address(text: text, kind: type.kind) else {
            throw field.error("not an address", allowed: "six bytes as c0:00:00:00:00:07")
        }
        return address
    }

    private func parameters() throws(ConfigurationError) -> ConnectionParameters {
        guard let field = section.optional("parameters"), !field.isNull else {
            return ConnectionParameters(interval: 12, latency: 0, supervisionTimeout: 100)
        }
        let keys = try field.section(["interval_us", "latency", "supervisionTimeout_us"], ignoringOthers: true)
        let interval: UInt32 = try keys.required("interval_us", "microseconds").integer(7500...4_000_000, unit: "us")
        let timeout: UInt32 = try keys.required("supervisionTimeout_us", "microseconds")
            .integer(100_000...32_000_000, unit: "us")
        return ConnectionParameters(
            interval: UInt16(interval / PortUnits.interval),
            latency: try keys.optional("latency")?.integer(0...499) ?? 0,
            supervisionTimeout: UInt16(timeout / PortUnits.supervisionTimeout)
        )
    }

    private func capabilities() throws(ConfigurationError) -> RadioCapabilities {
        var capabilities = FakeRadio.capabilities
        guard let field = section.optional("capabilities"), !field.isNull else { return capabilities }
        let keys = try field.section([], ignoringOthers: true)
        if let value = keys.optional("linksAsCentral") { capabilities.linksAsCentral = try value.integer(0...255) }
        if let value = keys.optional("linksAsPeripheral") {
            capabilities.linksAsPeripheral = try value.integer(0...255)
        }
        if let value = keys.optional("dualRole") { capabilities.dualRole = try value.flag() }
        if let value = keys.optional("advertiseWhileLinked") { capabilities.advertiseWhileLinked = try value.flag() }
        if let value = keys.optional("linkEncryption") { capabilities.linkEncryption = try value.flag() }
        if let value = keys.optional("dataLength") { capabilities.dataLength = try value.flag() }
        if let value = keys.optional("extendedAdvertising") { capabilities.extendedAdvertising = try value.flag() }
        if let value = keys.optional("mtuMax") { capabilities.mtuMax = try value.integer(23...517) }
        return capabilities
    }

    private func localHandles() throws(ConfigurationError) -> ServiceHandles {
        guard let field = section.optional("handles"), !field.isNull else { return FakeRadio.handles }
        return try Self.handles(field, default: FakeRadio.handles)
    }

    private func foundHandles() throws(ConfigurationError) -> ServiceHandles? {
        let field = try required("handles", "handles, or null for no such service")
        guard !field.isNull else { return nil }
        let none = AttributeHandle(rawValue: 0)
        return try Self.handles(
            field,
            default: ServiceHandles(
                meshValue: none,
                accessReceive: none,
                accessTransmit: none,
                accessConfiguration: none
            )
        )
    }

    private static func handles(
        _ field: Field,
        default handles: ServiceHandles
    ) throws(ConfigurationError) -> ServiceHandles {
        let keys = try field.section([], ignoringOthers: true)
        var handles = handles
        if let value = keys.optional("meshValue") { handles.meshValue = try handle(value) }
        if let value = keys.optional("accessReceive") { handles.accessReceive = try handle(value) }
        if let value = keys.optional("accessTransmit") { handles.accessTransmit = try handle(value) }
        if let value = keys.optional("accessConfiguration") { handles.accessConfiguration = try handle(value) }
        return handles
    }
}
