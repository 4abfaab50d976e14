public import RadioPort

/// AES-128 of one block: the only piece of cryptography the core needs, handed in so that it stays pure.
///
/// `key` and `block` are 16 bytes in storage order, and so is the result: `Key128` doubles as a 16-byte block here,
/// because a derived key is nothing but an enciphered block (protocol §6.4).
public typealias BlockCipher = @Sendable (_ key: Key128, _ block: Key128) -> Key128
