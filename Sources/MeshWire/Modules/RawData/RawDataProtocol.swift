/// What transferred data is (protocol §10.3); unknown values are kept.
public struct RawDataProtocol: RawRepresentable, Hashable, Sendable {
    /// The value on the wire.
    public var rawValue: UInt8

    /// The value `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Not said.
    public static let unspecified = RawDataProtocol(rawValue: 0)
    /// HTTP.
    public static let http = RawDataProtocol(rawValue: 1)
    /// JSON, compressed.
    public static let gzippedJSON = RawDataProtocol(rawValue: 2)
    /// Building automation of the original manufacturer.
    public static let buildingAutomation = RawDataProtocol(rawValue: 3)
}
