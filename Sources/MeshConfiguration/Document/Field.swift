import ByteCoding

/// A value together with where it stands: turns text into types and says what is wrong when it cannot.
package struct Field {
    /// The file as the caller named it.
    package let file: String
    /// Key path, empty for the whole document.
    package let path: String
    /// The value.
    package let node: DocumentNode

    /// A whole document.
    package init(document: DocumentNode, file: String) {
        self.init(file: file, path: "", node: document)
    }

    init(file: String, path: String, node: DocumentNode) {
        self.file = file
        self.path = path
        self.node = node
    }

    func path(of key: String) -> String { path.isEmpty ? key : path + "." + key }

    /// An error about this value.
    package func error(_ problem: String, allowed: String = "") -> ConfigurationError {
        ConfigurationError(
            file: file,
            line: node.line,
            key: path.isEmpty ? nil : path,
            problem: problem,
            allowed: allowed
        )
    }

    private func mismatch(_ wanted: String, allowed: String) -> ConfigurationError {
        error("expected \(wanted), found \(node.summary)", allowed: allowed)
    }

    // MARK: - Groups and lists

    /// The value as a group of keys; with `ignoringOthers`, unknown keys are passed over instead of refused.
    package func section(_ keys: [String], ignoringOthers: Bool = false) throws(ConfigurationError) -> Section {
        guard case .mapping(let entries) = node.content else {
            throw mismatch("a group of keys", allowed: keys.joined(separator: ", "))
        }
        var seen: Set<String> = []
        for entry in entries {
            let place = { problem, allowed in
                ConfigurationError(
                    file: file,
                    line: entry.line,
                    key: path(of: entry.key),
                    problem: problem,
                    allowed: allowed
                )
            }
            guard ignoringOthers || keys.contains(entry.key) else {
                throw place("unknown key", keys.joined(separator: ", "))
            }
            guard seen.insert(entry.key).inserted else { throw place("given more than once", "once") }
        }
        return Section(self, entries: entries, allowed: keys)
    }

    /// The value as a list.
    package func items(_ what: String) throws(ConfigurationError) -> [Field] {
        guard case .sequence(let items) = node.content else { throw mismatch("a list", allowed: what) }
        return items.enumerated().map { Field(file: file, path: "\(path)[\($0.offset)]", node: $0.element) }
    }

    /// The value as a list; a single value counts as a list of one.
    func itemsOrOne(_ what: String) throws(ConfigurationError) -> [Field] {
        guard case .scalar = node.content, !node.isNull else { return try items(what) }
        return [self]
    }

    // MARK: - Scalars

    /// The value as non-empty text of one line.
    package func text(_ what: String, maximum: Int = 200) throws(ConfigurationError) -> String {
        guard case .scalar(let text, _) = node.content, !node.isNull, !text.isEmpty else {
            throw mismatch("text", allowed: what)
        }
        guard text.count <= maximum else { throw error("too long", allowed: "at most \(maximum) characters") }
        return text
    }

    /// The value as a whole number.
    package func integer<Value: FixedWidthInteger>(
        _ range: ClosedRange<Value>,
        unit: String = "",
        allowed words: String? = nil
    ) throws(ConfigurationError) -> Value {
        let allowed = words ?? "\(range.lowerBound)...\(range.upperBound)" + (unit.isEmpty ? "" : " " + unit)
        guard case .scalar(let text, isQuoted: false) = node.content, Self.isWhole(text) else {
            throw mismatch("a whole number", allowed: allowed)
        }
        guard let value = Value(text), range.contains(value) else {
            throw error("out of range: \(text.prefix(24))", allowed: allowed)
        }
        return value
    }

    /// The value as a number.
    package func number(_ range: ClosedRange<Double>, unit: String) throws(ConfigurationError) -> Double {
        let allowed = "\(Self.short(range.lowerBound))...\(Self.short(range.upperBound)) \(unit)"
        guard case .scalar(let text, isQuoted: false) = node.content, Self.looksNumeric(text), let value = Double(text)
        else { throw mismatch("a number", allowed: allowed) }
        guard range.contains(value) else { throw error("out of range: \(text.prefix(24))", allowed: allowed) }
        return value
    }

    /// The value as true or false.
    package func flag() throws(ConfigurationError) -> Bool {
        switch node.content {
        case .scalar("true", isQuoted: false): return true
        case .scalar("false", isQuoted: false): return false
        default: throw mismatch("true or false", allowed: "true, false")
        }
    }

    /// The value as one of the names of an enumeration.
    package func choice<Value: CaseIterable & RawRepresentable<String>>(
        _ type: Value.Type = Value.self
    ) throws(ConfigurationError) -> Value {
        let allowed = Value.allCases.map(\.rawValue).joined(separator: ", ")
        guard case .scalar(let text, _) = node.content, !node.isNull else { throw mismatch("a name", allowed: allowed) }
        guard let value = Value(rawValue: text) else {
            throw error("unknown value '\(text.prefix(40))'", allowed: allowed)
        }
        return value
    }

    /// The value as the hexadecimal digits of so many bytes.
    package func bytes(_ count: ClosedRange<Int>) throws(ConfigurationError) -> [UInt8] {
        let allowed =
            count.lowerBound == count.upperBound
            ? "\(2 * count.lowerBound) hexadecimal digits"
            : "\(count.lowerBound)...\(count.upperBound) bytes of two hexadecimal digits"
        guard case .scalar(let text, let isQuoted) = node.content, isQuoted || !node.isNull else {
            throw mismatch("bytes", allowed: allowed)
        }
        guard let bytes = Hex.decode(text), count.contains(bytes.count) else {
            // What was given is not repeated: it may be most of a key.
            throw error("not so many bytes in hexadecimal", allowed: allowed)
        }
        return bytes
    }

    /// The value as a time in microseconds: `60s`, `1.5s`, `250ms`, `2min`, `1h`, or plain seconds.
    package func duration(_ range: ClosedRange<UInt64>) throws(ConfigurationError) -> UInt64 {
        let allowed =
            "\(DurationText.text(range.lowerBound))...\(DurationText.text(range.upperBound)), as 60s, 1.5s, 250ms, 2min, 1h"
        guard case .scalar(let text, _) = node.content, let value = DurationText.microseconds(text) else {
            throw mismatch("a time", allowed: allowed)
        }
        guard range.contains(value) else { throw error("out of range: \(text.prefix(24))", allowed: allowed) }
        return value
    }

    /// Whether the value is null, as JSON spells "none".
    package var isNull: Bool { node.isNull }

    private static func isWhole(_ text: String) -> Bool {
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        return !digits.isEmpty && digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// Keeps out what `Double` reads as well: nan, inf, hexadecimal.
    private static func looksNumeric(_ text: String) -> Bool {
        text.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                true
            default: false
            }
        }
    }

    private static func short(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? String(value)
    }
}
