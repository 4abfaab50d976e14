import Yams

extension DocumentNode {
    /// Parses YAML text.
    ///
    /// - Throws: where the syntax breaks.
    package init(yaml text: String, file: String) throws(ConfigurationError) {
        let root: Node?
        do {
            // The basic resolver leaves scalars alone; their type follows from the key.
            root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw ConfigurationError(error, text: text, file: file)
        } catch {
            throw ConfigurationError(file: file, line: 1, problem: "not YAML")
        }
        guard let root else { throw ConfigurationError(file: file, line: 1, problem: "the file is empty") }
        var conversion = YAMLConversion(file: file)
        self = try conversion.node(root, depth: 0)
    }
}

/// Turns the parser's nodes into ours and counts them on the way: aliases can make a small file huge.
private struct YAMLConversion {
    let file: String
    var values = 0

    mutating func node(_ node: Node, depth: Int) throws(ConfigurationError) -> DocumentNode {
        let line = node.mark?.line ?? 1
        values += 1
        guard values <= DocumentLimits.values else {
            throw ConfigurationError(
                file: file,
                line: line,
                problem: "too many values",
                allowed: "\(DocumentLimits.values)"
            )
        }
        guard depth <= DocumentLimits.depth else {
            throw ConfigurationError(
                file: file,
                line: line,
                problem: "nested too deeply",
                allowed: "\(DocumentLimits.depth) levels"
            )
        }
        switch node {
        case .scalar(let scalar):
            let isQuoted = scalar.style != .plain && scalar.style != .any
            return DocumentNode(line: line, content: .scalar(scalar.string, isQuoted: isQuoted))
        case .sequence(let sequence):
            var items: [DocumentNode] = []
            for item in sequence {
                items.append(try self.node(item, depth: depth + 1))
            }
            return DocumentNode(line: line, content: .sequence(items))
        case .mapping(let mapping):
            var entries: [DocumentNode.Entry] = []
            for (key, value) in mapping {
                let keyLine = key.mark?.line ?? line
                guard case .scalar(let name) = key else {
                    throw ConfigurationError(
                        file: file,
                        line: keyLine,
                        problem: "a key is no name",
                        allowed: "name: value"
                    )
                }
                let entry = DocumentNode.Entry(
                    key: name.string,
                    line: keyLine,
                    value: try self.node(value, depth: depth + 1)
                )
                entries.append(entry)
            }
            return DocumentNode(line: line, content: .mapping(entries))
        case .alias:
            throw ConfigurationError(file: file, line: line, problem: "an alias without its anchor")
        }
    }
}

extension ConfigurationError {
    fileprivate init(_ error: YamlError, text: String, file: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            // The parser may point behind the last line.
            let lineCount = text.utf8.count(where: { $0 == UInt8(ascii: "\n") }) + (text.hasSuffix("\n") ? 0 : 1)
            let line = min(mark.line, max(1, lineCount))
            self.init(file: file, line: line, problem: "not YAML: \(problem)", allowed: "YAML indented with spaces")
        case .duplicatedKeysInMapping(let duplicates, let context):
            self.init(
                file: file,
                line: context.mark.line,
                key: duplicates.first,
                problem: "given more than once",
                allowed: "once"
            )
        case .reader(let problem, let offset, _, _):
            let before = text.unicodeScalars.prefix(offset ?? 0)
            let line = 1 + before.count(where: { $0 == "\n" })
            self.init(file: file, line: line, problem: "not YAML: \(problem)", allowed: "UTF-8 text")
        default:
            self.init(file: file, line: 1, problem: "not YAML")
        }
    }
}
