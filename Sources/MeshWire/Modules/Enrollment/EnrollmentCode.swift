/// Outcome of an enrolment (protocol §10.5); unknown values are kept.
public struct EnrollmentCode: RawRepresentable, Hashable, Sendable {
    /// The value on the wire.
    public var rawValue: UInt8

    /// The value `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Done.
    public static let ok = EnrollmentCode(rawValue: 0)
    /// First of the storage codes 1...6.
    public static let storageBusy = EnrollmentCode(rawValue: 1)
    /// Enrolled already, with other data.
    public static let alreadyEnrolled = EnrollmentCode(rawValue: 16)
    /// A module refused.
    public static let preEnrollmentFailed = EnrollmentCode(rawValue: 17)
    /// The SIG mesh configuration is invalid.
    public static let sigConfigurationInvalid = EnrollmentCode(rawValue: 18)
    /// The node id does not fit the device type.
    public static let nodeIDOutOfRange = EnrollmentCode(rawValue: 19)
}
