public import ByteCoding

/// The configuration of the clustering module of Thicket: how clusters form, and from when on.
///
/// Little-endian, 6 bytes, in a set_config of MODULE_CONFIG (protocol §10.1) for the module ``module``. Every node answers with
/// set_config result; codes beyond those of the protocol are in ``ModuleConfigCode``. Other firmware does not know the module and
/// does not answer.
///
/// | offset | size | field   | meaning                                                                  |
/// |-------:|-----:|---------|--------------------------------------------------------------------------|
/// |      0 |    1 | version | 1                                                                        |
/// |      1 |    1 | mode    | 0 classic, 1 graft, 255 none: a change that was announced is withdrawn   |
/// |      2 |    4 | at      | seconds since 1970 in network time; 0 at once, for one node only         |
///
/// What nodes do with it is said at the clustering change of `MeshCore`.
public struct ClusteringChange: WireMessage {
    /// Bytes of the encoded form.
    public static let encodedSize = 6
    /// The version that the table describes.
    public static let currentVersion: UInt8 = 1
    /// The module: number 1 of the company identifier that stands for none.
    public static let module = ModuleIdentifier.vendor(VendorModuleID(subID: 0x01, company: 0xFFFF))

    /// The mode to change to; unknown values are kept.
    public struct Mode: RawRepresentable, Hashable, Sendable {
        /// The value on the wire.
        public var rawValue: UInt8

        /// The value `rawValue`.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Wire-compatible clustering.
        public static let classic = Mode(rawValue: 0)
        /// Graft clustering.
        public static let graft = Mode(rawValue: 1)
        /// No change: withdraws one.
        public static let none = Mode(rawValue: 255)
    }

    /// Version of the configuration, as received.
    public var version: UInt8
    /// The mode to change to.
    public var mode: Mode
    /// When, in seconds since 1970; 0 at once.
    public var at: UInt32

    /// A change from its fields.
    public init(version: UInt8 = Self.currentVersion, mode: Mode, at: UInt32) {
        self.version = version
        self.mode = mode
        self.at = at
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        version = try reader.read()
        mode = Mode(rawValue: try reader.read())
        at = try reader.read()
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(version)
        try writer.write(mode.rawValue)
        try writer.write(at)
    }
}

extension ModuleConfigCode {
    /// Nobody has told the node the time, so that it cannot know when to change.
    public static let timeNotSet = ModuleConfigCode(rawValue: 200)
    /// The time of the change has passed.
    public static let timePassed = ModuleConfigCode(rawValue: 201)
    /// A change at once must be addressed to one node.
    public static let notForAll = ModuleConfigCode(rawValue: 202)
}
