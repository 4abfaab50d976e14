import ByteCoding
import MeshCore
import MeshWire
import RadioPort

extension BootRecord: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        self.init(
            bootNumber: try UInt16?(recorded: &reader),
            reason: try UInt8(recorded: &reader),
            stored: try PersistentState(recorded: &reader)
        )
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try bootNumber.record(into: &writer)
        try reason.record(into: &writer)
        try stored.record(into: &writer)
    }
}

extension PersistentState: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        self.init()
        enrolledNodes = try UInt16(recorded: &reader)
        preferredPartners = try [NodeID](recorded: &reader)
        preferredMode = try PreferredMode(recorded: &reader)
        groups = try [NodeID](recorded: &reader)
        timeReportingInterval = try UInt16(recorded: &reader)
        reportIntervals = try ReportIntervals(recorded: &reader)
        liveReportLevel = try UInt8?(recorded: &reader)
        inactiveModules = try [ModuleIdentifier](recorded: &reader)
        enrolment = try Enrolment?(recorded: &reader)
        graftGeneration = try UInt16?(recorded: &reader)
        clustering = try ClusteringMode?(recorded: &reader)
        plannedClustering = try PlannedClustering?(recorded: &reader)
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try enrolledNodes.record(into: &writer)
        try preferredPartners.record(into: &writer)
        try preferredMode.record(into: &writer)
        try groups.record(into: &writer)
        try timeReportingInterval.record(into: &writer)
        try reportIntervals.record(into: &writer)
        try liveReportLevel.record(into: &writer)
        try inactiveModules.record(into: &writer)
        try enrolment.record(into: &writer)
        try graftGeneration.record(into: &writer)
        try clustering.record(into: &writer)
        try plannedClustering.record(into: &writer)
    }
}

extension ReportIntervals: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        self.init(
            status: try UInt16(recorded: &reader),
            deviceInfo: try UInt16(recorded: &reader),
            connections: try UInt16(recorded: &reader),
            nearby: try UInt16(recorded: &reader)
        )
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try status.record(into: &writer)
        try deviceInfo.record(into: &writer)
        try connections.record(into: &writer)
        try nearby.record(into: &writer)
    }
}

extension Enrolment: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        self.init(
            node: try NodeID?(recorded: &reader),
            network: try NetworkID(recorded: &reader),
            networkKey: try Key128(recorded: &reader),
            userBaseKey: try Key128(recorded: &reader),
            organizationKey: try Key128(recorded: &reader)
        )
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try node.record(into: &writer)
        try network.record(into: &writer)
        try networkKey.record(into: &writer)
        try userBaseKey.record(into: &writer)
        try organizationKey.record(into: &writer)
    }
}

extension PlannedClustering: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        self.init(mode: try ClusteringMode(recorded: &reader), at: try UInt32(recorded: &reader))
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try mode.record(into: &writer)
        try at.record(into: &writer)
    }
}
