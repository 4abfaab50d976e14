/// The controller's number of a connection, 0...0xEFF (Core 5.4 Vol 4 Part E 5.4.2).
public struct ConnectionHandle: RawRepresentable, Hashable, Sendable {
    /// The number.
    public var rawValue: UInt16

    /// The connection numbered `rawValue`; only the lower 12 bits count.
    public init(rawValue: UInt16) { self.rawValue = rawValue & 0x0FFF }
}
