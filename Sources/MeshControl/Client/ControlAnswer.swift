import MeshConfiguration

/// One object from the daemon.
package struct ControlAnswer {
    /// As it came.
    package let line: String
    /// What it is.
    package let kind: String
    private let keys: Section

    package init?(_ line: String) {
        guard let document = try? DocumentNode(json: line, file: "answer"),
            let keys = try? Field(document: document, file: "answer").section([], ignoringOthers: true),
            let kind = try? keys.required("kind", "").text("")
        else { return nil }
        self.line = line
        self.kind = kind
        self.keys = keys
    }

    /// A value as text, `otherwise` if it is null or not there.
    package func text(_ key: String, otherwise: String = "-") -> String {
        guard let field = keys.optional(key), !field.isNull, case .scalar(let text, _) = field.node.content else {
            return otherwise
        }
        return text
    }

    /// The items of a list as text, none if there is no such list.
    package func texts(_ key: String) -> [String] {
        guard let items = try? keys.optional(key)?.items("values") else { return [] }
        return items.compactMap { if case .scalar(let text, _) = $0.node.content { text } else { nil } }
    }

    /// The keys and values of an object without its first keys, as `key=value` for people.
    package func words(without skipped: Set<String>) -> String {
        keys.names.filter { !skipped.contains($0) }.map { "\($0)=\(text($0))" }.joined(separator: " ")
    }
}
