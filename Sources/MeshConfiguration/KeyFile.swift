import ByteCoding

/// A file with a key in it, as `thicket key generate` makes it.
public enum KeyFile {
    /// The 16 bytes of the key.
    ///
    /// - Parameter path: the file: 32 hexadecimal digits.
    /// - Returns: the key.
    /// - Throws: if there is no key in it, or if somebody else than its owner may read it.
    public static func bytes(at path: String) throws(ConfigurationError) -> [UInt8] {
        let text = try InputFile.secret(at: path)
        guard let bytes = Hex.decode(text), bytes.count == 16 else {
            throw ConfigurationError(file: path, problem: "no key", allowed: "32 hexadecimal digits")
        }
        return bytes
    }
}
