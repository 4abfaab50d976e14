import ByteCoding
import RadioPort

/// What became of one recorded case.
struct CaseResult {
    /// Where the answer differs from the recording; empty if it does not.
    private(set) var differences: [String] = []
    /// Whether only decoding is claimed for the case.
    var isDecodeOnly = false

    mutating func fail(_ difference: String) { differences.append(difference) }

    mutating func compare<Value: Equatable>(_ what: String, _ answer: Value, recorded: Value) {
        guard answer != recorded else { return }
        fail("\(what): recorded \(recorded), answered \(answer)")
    }

    mutating func compare(_ what: String, _ answer: [UInt8], recorded: [UInt8]) {
        compare(what, Hex.encode(answer), recorded: Hex.encode(recorded))
    }

    mutating func compare(_ what: String, _ answer: Key128, recorded: Key128) {
        compare(what, answer.bytes, recorded: recorded.bytes)
    }

    /// Passes if one of several candidates for what was not recorded passes; else notes the differences of the one with fewest.
    mutating func pass<Candidate>(
        oneOf candidates: some Sequence<Candidate>,
        _ check: (Candidate, inout CaseResult) throws -> Void
    ) {
        var fewest: [String]?
        for candidate in candidates {
            var trial = CaseResult()
            do {
                try check(candidate, &trial)
            } catch {
                trial.fail("\(error)")
            }
            if trial.differences.isEmpty { return }
            if trial.differences.count < fewest?.count ?? .max { fewest = trial.differences }
        }
        differences += fewest ?? ["no candidate"]
    }
}
