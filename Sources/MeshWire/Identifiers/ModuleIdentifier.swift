/// Names a module of either kind (protocol §1.8).
@frozen
public enum ModuleIdentifier: Hashable, Sendable {
    /// A module known by one byte other than 0xF0.
    case plain(ModuleID)
    /// A module of a company.
    case vendor(VendorModuleID)

    /// The module that a wrapped id names: a vendor id, `id FF FF FF` or `id 00 00 00`; nil for anything else.
    public init?(wrapped: UInt32) {
        if let vendor = VendorModuleID(rawValue: wrapped) {
            self = .vendor(vendor)
            return
        }
        guard wrapped >> 8 == 0xFF_FFFF || wrapped >> 8 == 0 else { return nil }
        self = .plain(ModuleID(rawValue: UInt8(truncatingIfNeeded: wrapped)))
    }

    /// The wrapped id as nodes send it: a vendor id, or `id FF FF FF`.
    public var wrapped: UInt32 {
        switch self {
        case .plain(let id): UInt32(id.rawValue) | 0xFFFF_FF00
        case .vendor(let id): id.rawValue
        }
    }
}
