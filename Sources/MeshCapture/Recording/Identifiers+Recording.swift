import ByteCoding
import MeshCore
import MeshWire
import RadioPort

// Identifiers and small structures of the radio port.

extension NodeID: Recordable {}
extension NetworkID: Recordable {}
extension DeviceType: Recordable {}
extension PreferredMode: Recordable {}
extension ClusteringMode: Recordable {}
extension DecisionPolicy: Recordable {}
extension PlantedFaults: Recordable {}
extension LinkID: Recordable {}
extension ConnectToken: Recordable {}
extension AttributeHandle: Recordable {}
extension LinkRole: Recordable {}
extension HCIStatus: Recordable {}
extension WriteKind: Recordable {}
extension Service: Recordable {}
extension Address.Kind: Recordable {}

extension ModuleIdentifier: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        let number = try UInt32(recorded: &reader)
        guard let module = ModuleIdentifier(wrapped: number) else {
            throw .invalidField("module", value: UInt64(number))
        }
        self = module
    }

    func record(into writer: inout ByteWriter) throws(CodingError) { try wrapped.record(into: &writer) }
}

extension Key128: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        self.init(low: try reader.read(), high: try reader.read())
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(low)
        try writer.write(high)
    }
}

/// Six bytes, least significant first, and the kind.
extension Address: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        let low = try reader.read(UInt32.self)
        let high = try reader.read(UInt16.self)
        self.init(value: UInt64(high) << 32 | UInt64(low), kind: try Kind(recorded: &reader))
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(UInt32(truncatingIfNeeded: value))
        try writer.write(UInt16(truncatingIfNeeded: value >> 32))
        try kind.record(into: &writer)
    }
}

extension ConnectionParameters: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        self.init(
            interval: try UInt16(recorded: &reader),
            latency: try UInt16(recorded: &reader),
            supervisionTimeout: try UInt16(recorded: &reader)
        )
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try interval.record(into: &writer)
        try latency.record(into: &writer)
        try supervisionTimeout.record(into: &writer)
    }
}

extension ScanTiming: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        self.init(
            intervalMicroseconds: try UInt32(recorded: &reader),
            windowMicroseconds: try UInt32(recorded: &reader)
        )
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try intervalMicroseconds.record(into: &writer)
        try windowMicroseconds.record(into: &writer)
    }
}

extension ServiceHandles: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        self.init(
            meshValue: try AttributeHandle(recorded: &reader),
            accessReceive: try AttributeHandle(recorded: &reader),
            accessTransmit: try AttributeHandle(recorded: &reader),
            accessConfiguration: try AttributeHandle(recorded: &reader)
        )
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try meshValue.record(into: &writer)
        try accessReceive.record(into: &writer)
        try accessTransmit.record(into: &writer)
        try accessConfiguration.record(into: &writer)
    }
}

extension RadioCapabilities: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        self.init(
            linksAsCentral: try UInt8(recorded: &reader),
            linksAsPeripheral: try UInt8(recorded: &reader),
            dualRole: try Bool(recorded: &reader),
            advertiseWhileLinked: try Bool(recorded: &reader),
            linkEncryption: try Bool(recorded: &reader),
            dataLength: try Bool(recorded: &reader),
            extendedAdvertising: try Bool(recorded: &reader),
            mtuMax: try UInt16(recorded: &reader)
        )
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try linksAsCentral.record(into: &writer)
        try linksAsPeripheral.record(into: &writer)
        try dualRole.record(into: &writer)
        try advertiseWhileLinked.record(into: &writer)
        try linkEncryption.record(into: &writer)
        try dataLength.record(into: &writer)
        try extendedAdvertising.record(into: &writer)
        try mtuMax.record(into: &writer)
    }
}
