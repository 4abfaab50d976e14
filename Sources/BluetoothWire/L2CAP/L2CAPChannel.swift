/// A fixed channel of an LE connection (Core 5.4 Vol 3 Part A 2.1).
public enum L2CAPChannel {
    /// The attribute protocol.
    public static let attributes: UInt16 = 4
    /// LE signalling.
    public static let signalling: UInt16 = 5
    /// The security manager.
    public static let security: UInt16 = 6
}
