import ArgumentParser
import MeshConfiguration

/// What `--json` changes.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print one JSON object per line.")
    var json = false
}

/// Turns the text of options into values, with errors that say what there is.
enum OptionValue {
    /// A reader of the names of an enumeration; the error calls it by its noun.
    static func named<Value: CaseIterable & RawRepresentable<String> & SendableMetatype>(
        _ noun: String
    ) -> @Sendable (String) throws -> Value {
        { text in
            guard let value = Value(rawValue: text) else {
                throw ValidationError("\(noun) '\(text)' does not exist yet; there is: \(names(Value.self))")
            }
            return value
        }
    }

    static func names<Value: CaseIterable & RawRepresentable<String>>(_ type: Value.Type) -> String {
        type.allCases.map(\.rawValue).joined(separator: ", ")
    }

    /// `1...100`, or one number.
    static func seeds(_ text: String) throws -> ClosedRange<UInt64> {
        let parts = text.split(separator: "...", omittingEmptySubsequences: false)
        let ends = parts.compactMap { UInt64($0) }
        guard ends.count == parts.count, let first = ends.first, let last = ends.last, ends.count <= 2, first <= last
        else {
            throw ValidationError("'\(text)' is no range of seeds; write 1...100")
        }
        return first...last
    }

    /// `2/8`.
    static func shard(_ text: String) throws -> Shard {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { UInt64($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], (1...Shard.countMax).contains(count),
            (1...count).contains(index)
        else {
            throw ValidationError("'\(text)' is no part of a sweep; write 1/8...8/8 for eight parts")
        }
        return Shard(index: index, count: count)
    }

    /// A time in seconds, as microseconds.
    static func seconds(_ text: String) throws -> UInt64 {
        let greatest = Double(ScenarioFile.durationMaxMicroseconds) / 1e6
        guard let value = Double(text), value > 0, value <= greatest else {
            throw ValidationError("'\(text)' is no time in seconds, above 0 and at most \(Int(greatest))")
        }
        return UInt64((value * 1e6).rounded())
    }

    /// `90s`, `10m`, `1h`, or plain seconds.
    static func budget(_ text: String) throws -> UInt64 {
        let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3600]
        let unit = text.last.flatMap { units[$0] }
        guard let number = UInt64(unit == nil ? text[...] : text.dropLast()), (1...1_000_000).contains(number) else {
            throw ValidationError("'\(text)' is no time to go on for; write 90s, 10m, 1h")
        }
        return number * (unit ?? 1)
    }

    /// A number of nodes.
    static func nodes(_ text: String) throws -> Int {
        guard let value = Int(text), (1...ScenarioFile.nodeCountMax).contains(value) else {
            throw ValidationError("'\(text)' is no number of nodes, 1...\(ScenarioFile.nodeCountMax)")
        }
        return value
    }
}
