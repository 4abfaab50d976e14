/// What kind of error a log entry is about (protocol §10.1); unknown values are kept.
public struct ErrorType: RawRepresentable, Hashable, Sendable {
    /// The value on the wire.
    public var rawValue: UInt8

    /// The value `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// General.
    public static let general = ErrorType(rawValue: 0)
    /// A status of the controller.
    public static let hci = ErrorType(rawValue: 1)
    /// An event of the mesh.
    public static let custom = ErrorType(rawValue: 2)
    /// A status of the attribute protocol.
    public static let gattStatus = ErrorType(rawValue: 3)
    /// A reboot.
    public static let reboot = ErrorType(rawValue: 4)
    /// Set by a vendor.
    public static let vendor = ErrorType(rawValue: 5)
}
