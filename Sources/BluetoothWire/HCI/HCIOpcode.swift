/// The number of an HCI command: group in the upper six bits, command in the lower ten (Core 5.4 Vol 4 Part E 5.4.1).
public struct HCIOpcode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number as sent.
    public var rawValue: UInt16

    /// The command numbered `rawValue`.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The number in hexadecimal, as 0x200c.
    public var description: String { "0x" + String(rawValue, radix: 16) }

    private init(_ group: UInt16, _ command: UInt16) { rawValue = group << 10 | command }

    /// No command: the controller only grants credits.
    public static let none = HCIOpcode(rawValue: 0)
    /// 7.1.6.
    public static let disconnect = HCIOpcode(1, 0x006)
    /// 7.3.1.
    public static let setEventMask = HCIOpcode(3, 0x001)
    /// 7.3.2.
    public static let reset = HCIOpcode(3, 0x003)
    /// 7.3.79.
    public static let writeLEHostSupport = HCIOpcode(3, 0x06D)
    /// 7.4.1.
    public static let readLocalVersion = HCIOpcode(4, 0x001)
    /// 7.4.2.
    public static let readLocalCommands = HCIOpcode(4, 0x002)
    /// 7.4.5.
    public static let readBufferSize = HCIOpcode(4, 0x005)
    /// 7.4.6.
    public static let readAddress = HCIOpcode(4, 0x009)
    /// 7.5.4.
    public static let readRSSI = HCIOpcode(5, 0x005)
    /// 7.8.1.
    public static let leSetEventMask = HCIOpcode(8, 0x001)
    /// 7.8.2.
    public static let leReadBufferSize = HCIOpcode(8, 0x002)
    /// 7.8.3.
    public static let leReadLocalFeatures = HCIOpcode(8, 0x003)
    /// 7.8.4.
    public static let leSetRandomAddress = HCIOpcode(8, 0x005)
    /// 7.8.5.
    public static let leSetAdvertisingParameters = HCIOpcode(8, 0x006)
    /// 7.8.7.
    public static let leSetAdvertisingData = HCIOpcode(8, 0x008)
    /// 7.8.8.
    public static let leSetScanResponseData = HCIOpcode(8, 0x009)
    /// 7.8.9.
    public static let leSetAdvertisingEnable = HCIOpcode(8, 0x00A)
    /// 7.8.10.
    public static let leSetScanParameters = HCIOpcode(8, 0x00B)
    /// 7.8.11.
    public static let leSetScanEnable = HCIOpcode(8, 0x00C)
    /// 7.8.12.
    public static let leCreateConnection = HCIOpcode(8, 0x00D)
    /// 7.8.13.
    public static let leCreateConnectionCancel = HCIOpcode(8, 0x00E)
    /// 7.8.18.
    public static let leConnectionUpdate = HCIOpcode(8, 0x013)
    /// 7.8.21.
    public static let leReadRemoteFeatures = HCIOpcode(8, 0x016)
    /// 7.8.24.
    public static let leEnableEncryption = HCIOpcode(8, 0x019)
    /// 7.8.25.
    public static let leLongTermKeyReply = HCIOpcode(8, 0x01A)
    /// 7.8.26.
    public static let leLongTermKeyNegativeReply = HCIOpcode(8, 0x01B)
    /// 7.8.27.
    public static let leReadSupportedStates = HCIOpcode(8, 0x01C)
    /// 7.8.31.
    public static let leRemoteParameterReply = HCIOpcode(8, 0x020)
    /// 7.8.32.
    public static let leRemoteParameterNegativeReply = HCIOpcode(8, 0x021)
    /// 7.8.33.
    public static let leSetDataLength = HCIOpcode(8, 0x022)
    /// 7.8.35.
    public static let leWriteSuggestedDataLength = HCIOpcode(8, 0x024)
}
