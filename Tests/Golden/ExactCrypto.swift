import ByteCoding
import MeshCore
import MeshCrypto
import MeshWire
import RadioPort

/// Checks of keys and packet protection.
enum ExactCrypto {
    static let cipher = AES128.cipher

    static func block(_ recorded: JSONValue, _ result: inout CaseResult) throws {
        let output = cipher(try recorded.block("key"), try recorded.block("input"))
        result.compare("output", output, recorded: try recorded.block("output"))
    }

    static func restrainedKey(_ recorded: JSONValue, _ result: inout CaseResult) throws {
        let clear = String(decoding: NodeKeys.restrainedBlock.bytes, as: UTF8.self)
        result.compare("cleartextAscii", clear, recorded: try recorded.string("cleartextAscii"))
        let key = NodeKeys(node: try recorded.block("nodeKey")).longTermKey(for: .restrained, cipher: cipher)
        result.compare("restrainedKey", key?.bytes ?? [], recorded: try recorded.hex("restrainedKey"))
    }

    static func userDerivedKey(_ recorded: JSONValue, _ result: inout CaseResult) throws {
        let id = FmKeyID(rawValue: try recorded.integer("fmKeyId"))
        result.compare("aesInput", NodeKeys.userBlock(id), recorded: try recorded.block("aesInput"))
        let key = NodeKeys(userBase: try recorded.block("userBaseKey")).longTermKey(for: id, cipher: cipher)
        result.compare("userKey", key?.bytes ?? [], recorded: try recorded.hex("userKey"))
    }

    static func sessionKey(_ recorded: JSONValue, _ result: inout CaseResult) throws {
        let longTermKey = try recorded.block("longTermKey")
        try compareSession(recorded, longTermKey: longTermKey, &result)
    }

    /// Derives a session key from a long-term key and the recorded central and nonce.
    static func compareSession(_ recorded: JSONValue, longTermKey: Key128, _ result: inout CaseResult) throws {
        let central = NodeID(try recorded.integer("centralNodeId"))
        let nonce = try AccessNonce(bytes: recorded.hex("nonceHex"))
        result.compare("aesInput", nonce.sessionBlock(central: central), recorded: try recorded.block("aesInput"))
        let key = AccessCipher(longTermKey: longTermKey, central: central, nonce: nonce, cipher: cipher).key
        result.compare("sessionKey", key, recorded: try recorded.block("sessionKey"))
    }

    static func packetEncryption(_ recorded: JSONValue, _ result: inout CaseResult) throws {
        let nonce = try AccessNonce(words: recorded.integers("nonce"))
        let plaintext = try recorded.bytes("plaintext", as: AttributeValue.self)
        var sender = AccessCipher(key: try recorded.block("sessionKey"), nonce: nonce)
        var receiver = sender
        let keystream = sender.keystream(cipher: cipher)
        result.compare("keystream", keystream, recorded: try recorded.block("keystream"))
        let micKeystream = AccessCipher(key: sender.key, nonce: nonce.advanced(by: 1)).keystream(cipher: cipher)
        result.compare("micNonceKeystream", micKeystream, recorded: try recorded.block("micNonceKeystream"))

        let sealed = sender.seal(plaintext, cipher: cipher)
        result.compare("ciphertextWithMic", sealed.array, recorded: try recorded.hex("ciphertextWithMic"))
        let padded = sealed.array.dropLast(AccessCipher.micSize) + repeatElement(0, count: 16 - plaintext.count)
        guard let ciphertext = Key128(Array(padded)) else {
            throw VectorError(description: "the plaintext is longer than 16 bytes")
        }
        let micBlock = receiver.micBlock(of: ciphertext, cipher: cipher)
        result.compare("micBlock", micBlock, recorded: try recorded.block("micBlock"))

        var flipped = sealed
        flipped[plaintext.count] ^= 1
        var deceived = receiver
        let accepted = deceived.open(flipped, cipher: cipher) != nil
        let flippedIsValid = try recorded.bool("micValidAfterFlippingFirstMicByteBit0")
        result.compare("micValidAfterFlippingFirstMicByteBit0", accepted, recorded: flippedIsValid)

        let opened = receiver.open(sealed, cipher: cipher)
        result.compare("micValid", opened != nil, recorded: try recorded.bool("micValid"))
        result.compare("decryptedBack", opened?.array ?? [], recorded: try recorded.hex("decryptedBack"))
        let after = try AccessNonce(words: recorded.integers("decryptionNonceAfter"))
        result.compare("decryptionNonceAfter", receiver.nonce, recorded: after)
        result.compare("nonce of the sender afterwards", sender.nonce, recorded: after)
    }
}

extension AccessNonce {
    /// A nonce as a recording lists its words.
    init(words: [UInt32]) throws {
        guard words.count == 2 else { throw VectorError(description: "a nonce has two words") }
        self.init(first: words[0], second: words[1])
    }

    /// A nonce as it lies in a message.
    init(bytes: [UInt8]) throws {
        guard bytes.count == 8 else { throw VectorError(description: "a nonce has eight bytes") }
        let words = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self.init(first: UInt32(truncatingIfNeeded: words), second: UInt32(truncatingIfNeeded: words >> 32))
    }
}
