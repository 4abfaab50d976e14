import ByteCoding
import Crypto
import FoundationEssentials
import MeshCore
import RadioPort

/// Encrypts the inputs of a node under the keys of that node.
///
/// What a node hears and says may hold anything: the keys of other nodes that are being enrolled, what users send. On the air
/// the network key protects it; in a file it is not to be had for less. So leaving the keys out of a recording is enough, and
/// nothing of the inputs must be left out, which replay could not do without.
///
/// AES-256-GCM; key and check are HKDF-SHA-256 of the node's four keys with the salt of the recording. The nonce is the number
/// of the chunk.
struct RecordingSeal {
    /// Tells whether keys are the right ones.
    let check: UInt64
    private let key: SymmetricKey

    /// Bytes by which sealing makes content longer.
    static let overhead = 16

    init(keys: NodeKeys, salt: InlineBytes<16>) {
        let material = [keys.network, keys.node, keys.userBase, keys.organization].flatMap(\.bytes)
        let derived = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: material),
            salt: salt.array,
            info: Array("Thicket recording".utf8),
            outputByteCount: 40
        ).withUnsafeBytes { Array($0) }
        key = SymmetricKey(data: derived.prefix(32))
        check = derived.suffix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Seals the chunk with a number.
    func sealed(_ content: [UInt8], chunk: UInt64) -> [UInt8] {
        do {
            let box = try AES.GCM.seal(content, using: key, nonce: AES.GCM.Nonce(data: Self.nonce(chunk)))
            return Array(box.ciphertext) + Array(box.tag)
        } catch {
            preconditionFailure("AES-GCM refuses keys and nonces of other sizes only: \(error)")
        }
    }

    /// The content of a chunk; nil if anything about it is not as it was sealed.
    func opened(_ sealed: ArraySlice<UInt8>, chunk: UInt64) -> [UInt8]? {
        guard sealed.count >= Self.overhead else { return nil }
        let box = try? AES.GCM.SealedBox(
            nonce: AES.GCM.Nonce(data: Self.nonce(chunk)),
            ciphertext: sealed.dropLast(Self.overhead),
            tag: sealed.suffix(Self.overhead)
        )
        return box.flatMap { try? AES.GCM.open($0, using: key) }.map { Array($0) }
    }

    private static func nonce(_ chunk: UInt64) -> [UInt8] {
        (0..<12).map { $0 < 8 ? UInt8(truncatingIfNeeded: chunk >> UInt64($0 * 8)) : 0 }
    }
}
