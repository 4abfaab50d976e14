/// Lines for people that fit a terminal of 80 columns.
enum FoldedText {
    /// Columns of a terminal.
    static let columns = 80

    /// A line cut at spaces.
    ///
    /// - Parameters:
    ///   - text: the line; a word that is longer than a line stays whole.
    ///   - indent: how far the lines behind the first are moved in.
    /// - Returns: the lines.
    static func lines(_ text: String, indent: Int) -> [String] {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        var lines: [String] = []
        var line = words.first.map(String.init) ?? ""
        for word in words.dropFirst() {
            if line.count + 1 + word.count > columns, line.count > indent {
                lines.append(line)
                line = String(repeating: " ", count: indent) + word
            } else {
                line += " " + word
            }
        }
        return lines + [line]
    }
}
