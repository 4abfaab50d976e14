/// The words of a command line (protocol §11.1).
///
/// A line is split at each blank that is followed by a character from `"` to `}`; there is no quoting. All other blanks
/// stay inside the words, so joining the words with blanks gives back the line.
struct CommandLineTokens: Equatable {
    /// Longest line that is read, in bytes.
    static let lineLengthMax = 300
    /// Most words of a line.
    static let countMax = 15

    let words: [String]

    /// Splits a line.
    ///
    /// - Throws: ``TerminalError/internalError`` if the line is too long to be read whole, ``TerminalError/tooManyArguments``
    ///   if it has too many words.
    init(_ line: String) throws(TerminalError) {
        let bytes = Array(line.utf8)
        guard bytes.count <= Self.lineLengthMax else { throw .internalError }
        var words: [String] = []
        var start = 0
        for index in bytes.indices.dropLast()
        where bytes[index] == UInt8(ascii: " ") && Self.beginners.contains(bytes[index + 1]) {
            words.append(String(decoding: bytes[start..<index], as: UTF8.self))
            start = index + 1
        }
        words.append(String(decoding: bytes[start...], as: UTF8.self))
        guard words.count <= Self.countMax else { throw .tooManyArguments }
        self.words = words
    }

    private static let beginners = UInt8(ascii: "\"")...UInt8(ascii: "}")
}
