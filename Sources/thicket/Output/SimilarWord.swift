/// Finds what may have been meant.
enum SimilarWord {
    /// The word that takes the fewest changes of a letter to become `word`; the first of them in order, nil if there is none.
    ///
    /// - Parameters:
    ///   - word: what was written.
    ///   - words: what there is.
    /// - Returns: one of them.
    static func closest(to word: String, among words: some Collection<String>) -> String? {
        words.min { distance($0, word) < distance($1, word) }
    }

    /// Letters to put in, take away or change until one word is the other.
    static func distance(_ first: String, _ second: String) -> Int {
        let second = Array(second)
        var row = Array(0...second.count)
        for (line, letter) in first.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in second.indices {
                let changed = diagonal + (letter == second[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, row[column] + 1, diagonal + 1)
            }
        }
        return row[second.count]
    }
}
