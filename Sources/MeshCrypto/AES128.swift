import Crypto
import CryptoExtras
public import MeshCore
public import RadioPort

/// AES-128 of single blocks from swift-crypto (FIPS 197).
public enum AES128 {
    /// The function that the core takes its cryptography from.
    public static let cipher: BlockCipher = { key, block in encrypt(block, key: key) }

    /// One block enciphered; bytes of both in storage order.
    public static func encrypt(_ block: Key128, key: Key128) -> Key128 {
        var words = (block.low.littleEndian, block.high.littleEndian)
        do {
            // Safe: both views are 16 initialised bytes and are not kept beyond the closures.
            try withUnsafeMutableBytes(of: &words) { bytes in
                var view = bytes
                try AES.permute(&view, key: SymmetricKey(key))
            }
        } catch {
            preconditionFailure("AES refuses a block or key of other than 16 bytes only: \(error)")
        }
        return Key128(low: UInt64(littleEndian: words.0), high: UInt64(littleEndian: words.1))
    }
}

extension SymmetricKey {
    fileprivate init(_ key: Key128) {
        let words = (key.low.littleEndian, key.high.littleEndian)
        self = Swift.withUnsafeBytes(of: words) { SymmetricKey(data: $0) }
    }
}
