import ByteCoding
import MeshCore
import MeshWire
import RadioPort

/// The four keys, 64 bytes.
extension NodeKeys: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        self.init(
            network: try Key128(recorded: &reader),
            node: try Key128(recorded: &reader),
            userBase: try Key128(recorded: &reader),
            organization: try Key128(recorded: &reader)
        )
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try network.record(into: &writer)
        try node.record(into: &writer)
        try userBase.record(into: &writer)
        try organization.record(into: &writer)
    }
}

/// Everything but the keys, which stand elsewhere if at all.
extension Identity: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        self.init(
            node: try NodeID(recorded: &reader),
            network: try NetworkID(recorded: &reader),
            deviceType: try DeviceType(recorded: &reader),
            serialNumberIndex: try UInt32(recorded: &reader),
            hardware: try HardwareRecord(recorded: &reader)
        )
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try node.record(into: &writer)
        try network.record(into: &writer)
        try deviceType.record(into: &writer)
        try serialNumberIndex.record(into: &writer)
        try hardware.record(into: &writer)
    }
}

extension HardwareRecord: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        self.init(
            manufacturer: try UInt16(recorded: &reader),
            chipID: try UInt64(recorded: &reader),
            version: try UInt32(recorded: &reader),
            receiveSensitivity: try Int8(recorded: &reader),
            transmitPower: try Int8(recorded: &reader),
            calibratedTransmitPower: try Int8(recorded: &reader),
            chipGroup: try NodeID(recorded: &reader),
            featuresetGroup: try NodeID(recorded: &reader),
            bootloaderVersion: try UInt16(recorded: &reader),
            battery: try UInt8(recorded: &reader)
        )
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try manufacturer.record(into: &writer)
        try chipID.record(into: &writer)
        try version.record(into: &writer)
        try receiveSensitivity.record(into: &writer)
        try transmitPower.record(into: &writer)
        try calibratedTransmitPower.record(into: &writer)
        try chipGroup.record(into: &writer)
        try featuresetGroup.record(into: &writer)
        try bootloaderVersion.record(into: &writer)
        try battery.record(into: &writer)
    }
}
