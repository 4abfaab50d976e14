import ArgumentParser
import MeshControl

/// Turns the words behind the verbs that use the mesh into values.
extension OptionValue {
    /// Whoever a message can be for.
    static func meshTarget(_ text: String) throws -> MeshTarget {
        guard let target = MeshTarget(text) else {
            throw ValidationError("'\(text)' is no receiver; write \(MeshTarget.forms)")
        }
        return target
    }

    /// One node.
    static func oneNode(_ text: String) throws -> MeshTarget {
        guard let target = MeshTarget(text), target.isOneNode else {
            throw ValidationError("'\(text)' is no node; write a node 1...1999 or 'sink'")
        }
        return target
    }

    /// A reader of seconds in a range.
    static func seconds(_ range: ClosedRange<Double>) -> @Sendable (String) throws -> Double {
        { text in
            guard let value = Double(text), range.contains(value) else {
                let ends = [range.lowerBound, range.upperBound].map { DecimalText.decimals($0, atMost: 3) }
                throw ValidationError("'\(text)' is no time in seconds, \(ends.joined(separator: "..."))")
            }
            return value
        }
    }

    /// A reader of whole numbers in a range.
    static func whole(_ what: String, _ range: ClosedRange<Int>) -> @Sendable (String) throws -> Int {
        { text in
            guard let value = Int(text), range.contains(value) else {
                throw ValidationError("'\(text)' is no \(what), \(range.lowerBound)...\(range.upperBound)")
            }
            return value
        }
    }
}
