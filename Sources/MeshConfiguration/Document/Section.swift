/// A group of keys, all of them known.
package struct Section {
    /// The group itself, for errors that concern several keys.
    let field: Field
    private let entries: [DocumentNode.Entry]
    private let allowed: [String]

    init(_ field: Field, entries: [DocumentNode.Entry], allowed: [String]) {
        self.field = field
        self.entries = entries
        self.allowed = allowed
    }

    /// The value of a key that must be there.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - hint: what the value may be, for the error.
    /// - Returns: the value.
    /// - Throws: if the key is not there.
    package func required(_ key: String, _ hint: String) throws(ConfigurationError) -> Field {
        guard let value = optional(key) else {
            throw ConfigurationError(
                file: field.file,
                line: field.node.line,
                key: field.path(of: key),
                problem: "missing",
                allowed: hint
            )
        }
        return value
    }

    /// The value of a key that may be left out.
    package func optional(_ key: String) -> Field? {
        entries.first { $0.key == key }.map { Field(file: field.file, path: field.path(of: key), node: $0.value) }
    }

    /// The keys that are there, in order.
    package var names: [String] { entries.map(\.key) }

    /// The only one of several keys.
    func exactlyOne(of keys: [String], what: String) throws(ConfigurationError) -> (key: String, value: Field) {
        let given = keys.compactMap { key in optional(key).map { (key, $0) } }
        guard let first = given.first else {
            throw field.error("no \(what)", allowed: "one of " + keys.joined(separator: ", "))
        }
        guard given.count == 1 else {
            throw given[1].1.error(
                "a second \(what) beside '\(first.0)'",
                allowed: "one of " + keys.joined(separator: ", ")
            )
        }
        return first
    }
}
