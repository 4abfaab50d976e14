/// Outcome of a change of configuration (protocol §10.1); unknown values are kept.
public struct ModuleConfigCode: RawRepresentable, Hashable, Sendable {
    /// The value on the wire.
    public var rawValue: UInt8

    /// The value `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Done.
    public static let ok = ModuleConfigCode(rawValue: 0)
    /// Storage is busy.
    public static let busy = ModuleConfigCode(rawValue: 1)
    /// Storage alignment.
    public static let alignment = ModuleConfigCode(rawValue: 2)
    /// Storage is full.
    public static let noSpace = ModuleConfigCode(rawValue: 3)
    /// Storage is locked.
    public static let locked = ModuleConfigCode(rawValue: 4)
    /// Internal storage error.
    public static let internalError = ModuleConfigCode(rawValue: 5)
    /// Nothing is stored in this build.
    public static let persistenceDisabled = ModuleConfigCode(rawValue: 6)
    /// The module has no configuration.
    public static let noConfiguration = ModuleConfigCode(rawValue: 51)
    /// The configuration does not fit.
    public static let wrongConfiguration = ModuleConfigCode(rawValue: 52)
    /// Something else.
    public static let other = ModuleConfigCode(rawValue: 53)
}
