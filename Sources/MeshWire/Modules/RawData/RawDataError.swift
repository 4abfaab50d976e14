/// Why a transfer failed (protocol §10.3, numbers of the firmware); unknown values are kept.
public struct RawDataError: RawRepresentable, Hashable, Sendable {
    /// The value on the wire.
    public var rawValue: UInt8

    /// The value `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// It ended too early.
    public static let unexpectedEnd = RawDataError(rawValue: 0)
    /// There is no transfer.
    public static let notInTransmission = RawDataError(rawValue: 1)
    /// A message made no sense.
    public static let malformed = RawDataError(rawValue: 2)
}
