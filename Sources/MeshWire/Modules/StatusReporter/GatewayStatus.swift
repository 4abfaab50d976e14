/// State of a gateway (protocol §10.1); unknown values are kept.
public struct GatewayStatus: RawRepresentable, Hashable, Sendable {
    /// The value on the wire.
    public var rawValue: UInt8

    /// The value `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Unknown.
    public static let unknown = GatewayStatus(rawValue: 0)
    /// USB connected.
    public static let usbConnected = GatewayStatus(rawValue: 1)
    /// USB not connected.
    public static let usbNotConnected = GatewayStatus(rawValue: 2)
    /// Ready.
    public static let ready = GatewayStatus(rawValue: 10)
    /// Connected, state unknown.
    public static let connectedButUnknown = GatewayStatus(rawValue: 11)
    /// Ready, without back end.
    public static let readyWithoutBackend = GatewayStatus(rawValue: 12)
    /// Ready, not enrolled.
    public static let readyNotEnrolled = GatewayStatus(rawValue: 13)
    /// Ready, no mesh.
    public static let readyNoMesh = GatewayStatus(rawValue: 14)
}
