/// Finds what may have been meant by somebody whose fingers slipped.
package enum Similar {
    /// The word that takes the fewest slips to become `word`; the first of them in order, nil if there is none.
    package static func word(to word: String, among words: some Sequence<String>) -> String? {
        let written = Array(word.utf8)
        return words.map { (slips(from: written, to: Array($0.utf8)), $0) }.min { $0.0 < $1.0 }?.1
    }

    /// The number whose digits take the fewest slips to become `number`; of several the nearest, nil if there is none.
    package static func number(to number: Int, among numbers: some Sequence<Int>) -> Int? {
        let written = Array(String(number).utf8)
        func distance(_ other: Int) -> (Int, Int, Int) {
            (slips(from: written, to: Array(String(other).utf8)), abs(other - number), other)
        }
        return numbers.min { distance($0) < distance($1) }
    }

    /// Letters that were left out, added, mistaken or swapped with their neighbour.
    static func slips(from left: [UInt8], to right: [UInt8]) -> Int {
        var rows = [Array(0...right.count)]
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                var best = min(rows[i][j + 1], row[j]) + 1
                best = min(best, rows[i][j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
