/// A value of a YAML or JSON document with the line it stands on: what the typed layer reads.
///
/// Scalars stay text until somebody asks for a type, so that a file is read by what a key wants, not by what its
/// value happens to look like.
package struct DocumentNode: Sendable {
    /// One pair of a mapping.
    package struct Entry: Sendable {
        /// The key.
        package var key: String
        /// Line of the key.
        package var line: Int
        /// The value.
        package var value: DocumentNode
    }

    /// The three shapes of a value.
    package indirect enum Content: Sendable {
        /// Text; `isQuoted` tells "5" from 5.
        case scalar(String, isQuoted: Bool)
        /// A list.
        case sequence([DocumentNode])
        /// Keys and values in the order of the file.
        case mapping([Entry])
    }

    /// Line in the file, from 1.
    package var line: Int
    /// The value.
    package var content: Content

    /// Whether the value was left out, or is null.
    var isNull: Bool {
        guard case .scalar(let text, isQuoted: false) = content else { return false }
        return text.isEmpty || text == "~" || text == "null"
    }

    /// How the value is called in an error.
    var summary: String {
        switch content {
        case .scalar(_, isQuoted: false) where isNull: "nothing"
        case .scalar(let text, _): "'\(Self.shortened(text))'"
        case .sequence: "a list"
        case .mapping: "a group of keys"
        }
    }

    private static func shortened(_ text: String) -> String {
        text.count <= 40 ? text : text.prefix(37) + "..."
    }
}

/// Bounds of every document, so that no file can exhaust the program.
enum DocumentLimits {
    /// Bytes of a file.
    static let bytes = 4_000_000
    /// Values in a document, counting what aliases repeat.
    static let values = 400_000
    /// Nested lists and mappings.
    static let depth = 64
}
