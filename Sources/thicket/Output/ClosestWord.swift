/// The word that somebody may have meant.
enum ClosestWord {
    /// The one of the words with the fewest changed characters, the first of equals; nil if there are none.
    static func to(_ text: String, among words: [String]) -> String? {
        words.min { distance(text, $0) < distance(text, $1) }
    }

    /// Characters to insert, remove or replace to make one word of the other.
    static func distance(_ first: String, _ second: String) -> Int {
        let second = Array(second)
        var row = Array(0...second.count)
        for (line, character) in first.enumerated() {
            var above = row[0]
            row[0] = line + 1
            for (column, other) in second.enumerated() {
                let replaced = above + (character == other ? 0 : 1)
                above = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, above + 1)
            }
        }
        return row[second.count]
    }
}
