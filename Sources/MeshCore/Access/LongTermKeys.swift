public import MeshWire
public import RadioPort

/// Which long-term key a MeshAccess key id stands for at the accepting end (protocol §6.4).
extension NodeKeys {
    /// The block that the node key enciphers into the restrained key: ASCII `RESTRAINED_KEY00`.
    public static let restrainedBlock = Key128(low: 0x4E49_4152_5453_4552, high: 0x3030_5945_4B5F_4445)

    /// The key that a key id stands for.
    ///
    /// - Parameters:
    ///   - id: the id in ENCRYPT_CUSTOM_START.
    ///   - acceptsZero: whether the build allows insecure enrolment and the node is not enrolled.
    ///   - cipher: AES-128.
    /// - Returns: nil if the id is refused, or the key, or the root that it derives from, is not set (reason 26).
    public func longTermKey(for id: FmKeyID, acceptsZero: Bool = false, cipher: BlockCipher) -> Key128? {
        switch id {
        case .zero: acceptsZero ? .zero : nil
        case .node: usable(node)
        case .network: usable(network)
        case .organization: usable(organization)
        case .restrained: usable(node).map { Self.restrainedKey(of: $0, cipher: cipher) }
        case _ where id.isUserDerived: usable(userBase).map { Self.userKey(id, of: $0, cipher: cipher) }
        default: nil
        }
    }

    /// The restrained key of a node key.
    public static func restrainedKey(of nodeKey: Key128, cipher: BlockCipher) -> Key128 {
        cipher(nodeKey, restrainedBlock)
    }

    /// The block that the user base key enciphers into the user key `id`: the id, then zeros.
    public static func userBlock(_ id: FmKeyID) -> Key128 { Key128(low: UInt64(id.rawValue), high: 0) }

    /// The user key `id` of a user base key.
    public static func userKey(_ id: FmKeyID, of baseKey: Key128, cipher: BlockCipher) -> Key128 {
        cipher(baseKey, userBlock(id))
    }

    private func usable(_ key: Key128) -> Key128? { key == .unset ? nil : key }
}
