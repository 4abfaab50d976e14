package import ByteCoding
import MeshWire

/// The configuration of the status reporter as MODULE_CONFIG carries it.
///
/// Length and default values are those of recorded messages; the protocol document tells that the intervals of the periodic
/// reports, the level of live reports and the interval of time reports are configured (§10.1), not where each stands.
///
/// Little-endian, 15 bytes.
///
/// | offset | size | field                  | meaning          |
/// |-------:|-----:|------------------------|------------------|
/// |      0 |    1 | module                 | 3                |
/// |      1 |    1 | version                | 2                |
/// |      2 |    1 | active                 | 0 or 1           |
/// |      3 |    1 | reserved               | 0                |
/// |      4 |    2 | statusIntervalDs       | ds, 0 never      |
/// |      6 |    2 | deviceInfoIntervalDs   | ds, 0 never      |
/// |      8 |    2 | connectionsIntervalDs  | ds, 0 never      |
/// |     10 |    2 | nearbyIntervalDs       | ds, 0 never      |
/// |     12 |    1 | liveReportLevel        |                  |
/// |     13 |    2 | timeReportingInterval  | ds, 0 never      |
package struct StatusReporterConfiguration: WireMessage {
    /// Bytes of the encoded form.
    package static let encodedSize = 15
    static let version: UInt8 = 2

    /// Whether the module acts.
    package var isActive: Bool
    var reserved: UInt8 = 0
    /// Intervals of the periodic reports.
    package var intervals: ReportIntervals
    /// Reports up to this level are sent.
    package var liveReportLevel: UInt8
    /// Interval of time reports in deciseconds, 0 never.
    package var timeReportingInterval: UInt16

    /// A configuration from its fields.
    package init(isActive: Bool, intervals: ReportIntervals, liveReportLevel: UInt8, timeReportingInterval: UInt16) {
        self.isActive = isActive
        self.intervals = intervals
        self.liveReportLevel = liveReportLevel
        self.timeReportingInterval = timeReportingInterval
    }

    /// Decodes the fields in the order of the table.
    package init(from reader: inout ByteReader) throws(CodingError) {
        let module = try reader.read(UInt8.self)
        guard module == ModuleID.statusReporter.rawValue else { throw .invalidField("module", value: UInt64(module)) }
        let version = try reader.read(UInt8.self)
        guard version == Self.version else { throw .invalidField("version", value: UInt64(version)) }
        isActive = try reader.read(UInt8.self) != 0
        reserved = try reader.read()
        intervals = ReportIntervals(
            status: try reader.read(),
            deviceInfo: try reader.read(),
            connections: try reader.read(),
            nearby: try reader.read()
        )
        liveReportLevel = try reader.read()
        timeReportingInterval = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    package func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(ModuleID.statusReporter.rawValue)
        try writer.write(Self.version)
        try writer.write(UInt8(isActive ? 1 : 0))
        try writer.write(reserved)
        try writer.write(intervals.status)
        try writer.write(intervals.deviceInfo)
        try writer.write(intervals.connections)
        try writer.write(intervals.nearby)
        try writer.write(liveReportLevel)
        try writer.write(timeReportingInterval)
    }
}
