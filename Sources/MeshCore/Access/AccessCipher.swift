public import ByteCoding
public import MeshWire
public import RadioPort

/// The protection of packets in one direction of a link (protocol §6.5).
///
/// A packet of 1...16 bytes is enciphered with the key stream of the nonce and followed by the first four bytes of a MIC
/// over the *ciphertext*, made with the nonce plus one. Each packet moves the nonce on by two. Nothing on the air tells the
/// nonce: a lost or repeated packet breaks the direction for good.
public struct AccessCipher: Hashable, Sendable {
    /// Bytes that a packet may have before it is sealed.
    public static let packetSizes = 1...16
    /// Bytes that sealing adds.
    public static let micSize = 4

    /// The session key.
    public let key: Key128
    /// The nonce of the next packet.
    public private(set) var nonce: AccessNonce

    /// A direction with a given session key.
    public init(key: Key128, nonce: AccessNonce) {
        self.key = key
        self.nonce = nonce
    }

    /// A direction of a link that `central` opened; derives the session key (protocol §6.4).
    public init(longTermKey: Key128, central: NodeID, nonce: AccessNonce, cipher: BlockCipher) {
        self.init(key: cipher(longTermKey, nonce.sessionBlock(central: central)), nonce: nonce)
    }

    /// The 16 bytes that the next packet is combined with.
    public func keystream(cipher: BlockCipher) -> Key128 { cipher(key, nonce.block) }

    /// The block whose first four bytes are the MIC of the next packet, given its ciphertext padded with zeros.
    public func micBlock(of ciphertext: Key128, cipher: BlockCipher) -> Key128 {
        cipher(key, ciphertext ^ cipher(key, nonce.advanced(by: 1).block))
    }

    /// Protects a packet and moves on.
    ///
    /// To be called when the packet is handed to the radio, which never refuses one.
    ///
    /// - Parameters:
    ///   - packet: 1...16 bytes; any other number is a programmer error.
    ///   - cipher: AES-128.
    /// - Returns: four bytes more than `packet`.
    public mutating func seal(_ packet: AttributeValue, cipher: BlockCipher) -> AttributeValue {
        precondition(Self.packetSizes.contains(packet.count))
        let ciphertext = (Key128(packet, count: packet.count) ^ keystream(cipher: cipher)).prefix(packet.count)
        let mic = micBlock(of: ciphertext, cipher: cipher)
        var sealed = AttributeValue()
        for index in 0..<packet.count {
            sealed.append(ciphertext[index])
        }
        for index in 0..<Self.micSize {
            sealed.append(mic[index])
        }
        nonce = nonce.advanced(by: 2)
        return sealed
    }

    /// Checks and removes the protection of a packet, and moves on if it was right.
    ///
    /// - Returns: nil, with the nonce unchanged, if the number of bytes is not 5...20 or the MIC is wrong.
    public mutating func open(_ packet: AttributeValue, cipher: BlockCipher) -> AttributeValue? {
        let count = packet.count - Self.micSize
        guard Self.packetSizes.contains(count) else { return nil }
        let ciphertext = Key128(packet, count: count)
        let mic = micBlock(of: ciphertext, cipher: cipher)
        var difference: UInt8 = 0
        for index in 0..<Self.micSize {
            difference |= packet[count + index] ^ mic[index]
        }
        guard difference == 0 else { return nil }
        let plaintext = ciphertext ^ keystream(cipher: cipher)
        var opened = AttributeValue()
        for index in 0..<count {
            opened.append(plaintext[index])
        }
        nonce = nonce.advanced(by: 2)
        return opened
    }

    /// Whether a packet is one of the `count` that follow the next one.
    func isEarly(_ packet: AttributeValue, within count: Int, cipher: BlockCipher) -> Bool {
        var later = self
        for _ in 0..<count {
            later.nonce = later.nonce.advanced(by: 2)
            var attempt = later
            if attempt.open(packet, cipher: cipher) != nil { return true }
        }
        return false
    }
}

extension Key128 {
    /// The first `count` bytes of `bytes`, 0...16, padded with zeros.
    fileprivate init(_ bytes: AttributeValue, count: Int) {
        self = .zero
        for index in 0..<count {
            let bits = UInt64(bytes[index]) << (UInt64(index & 7) * 8)
            if index < 8 { low |= bits } else { high |= bits }
        }
    }

    /// The first `count` bytes, 0...16, the rest zero.
    fileprivate func prefix(_ count: Int) -> Key128 {
        let bits = UInt64(count) * 8
        return Key128(
            low: low & (bits >= 64 ? .max : (1 << bits) - 1),
            high: high & (bits >= 128 ? .max : bits <= 64 ? 0 : (1 << (bits - 64)) - 1)
        )
    }

    fileprivate static func ^ (left: Key128, right: Key128) -> Key128 {
        Key128(low: left.low ^ right.low, high: left.high ^ right.high)
    }
}
