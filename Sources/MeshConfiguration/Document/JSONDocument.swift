extension DocumentNode {
    /// Parses JSON text (RFC 8259).
    ///
    /// Lines are kept, which is why this is no `JSONDecoder`: an error shall name the line.
    ///
    /// - Throws: where the syntax breaks.
    package init(json text: String, file: String) throws(ConfigurationError) {
        var parser = JSONParser(text: Array(text.utf8), file: file)
        self = try parser.document()
    }
}

private struct JSONParser {
    let text: [UInt8]
    let file: String
    var position = 0
    var line = 1

    mutating func document() throws(ConfigurationError) -> DocumentNode {
        let root = try value(depth: 0)
        skipSpace()
        guard position == text.count else { throw error("text behind the end") }
        return root
    }

    private mutating func value(depth: Int) throws(ConfigurationError) -> DocumentNode {
        guard depth <= DocumentLimits.depth else { throw error("nested too deeply") }
        skipSpace()
        let start = line
        switch peek {
        case UInt8(ascii: "{"):
            return DocumentNode(line: start, content: .mapping(try entries(depth: depth)))
        case UInt8(ascii: "["):
            return DocumentNode(line: start, content: .sequence(try items(depth: depth)))
        case UInt8(ascii: "\""):
            return DocumentNode(line: start, content: .scalar(try string(), isQuoted: true))
        default:
            return DocumentNode(line: start, content: .scalar(try literal(), isQuoted: false))
        }
    }

    private mutating func entries(depth: Int) throws(ConfigurationError) -> [DocumentNode.Entry] {
        var entries: [DocumentNode.Entry] = []
        position += 1
        skipSpace()
        if take("}") { return entries }
        repeat {
            skipSpace()
            let keyLine = line
            guard peek == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
            let key = try string()
            skipSpace()
            guard take(":") else { throw error("expected ':'") }
            entries.append(DocumentNode.Entry(key: key, line: keyLine, value: try value(depth: depth + 1)))
            skipSpace()
        } while take(",")
        guard take("}") else { throw error("expected ',' or '}'") }
        return entries
    }

    private mutating func items(depth: Int) throws(ConfigurationError) -> [DocumentNode] {
        var items: [DocumentNode] = []
        position += 1
        skipSpace()
        if take("]") { return items }
        repeat {
            items.append(try value(depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take("]") else { throw error("expected ',' or ']'") }
        return items
    }

    /// A number, true, false or null.
    private mutating func literal() throws(ConfigurationError) -> String {
        let start = position
        while let byte = peek, Self.isLiteral(byte) { position += 1 }
        let word = String(decoding: text[start..<position], as: UTF8.self)
        guard ["true", "false", "null"].contains(word) || Self.isNumber(text[start..<position]) else {
            position = start
            throw error(word.isEmpty ? "expected a value" : "expected a value, found '\(word.prefix(20))'")
        }
        return word
    }

    private mutating func string() throws(ConfigurationError) -> String {
        position += 1
        var scalars = String.UnicodeScalarView()
        var start = position
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                append(from: start, to: &scalars)
                position += 1
                return String(scalars)
            case UInt8(ascii: "\\"):
                append(from: start, to: &scalars)
                position += 1
                scalars.append(try escape())
                start = position
            case 0..<0x20:
                throw error("a control character in a text")
            default:
                position += 1
            }
        }
        throw error("a text without its closing quote")
    }

    private func append(from start: Int, to scalars: inout String.UnicodeScalarView) {
        scalars.append(contentsOf: String(decoding: text[start..<position], as: UTF8.self).unicodeScalars)
    }

    /// What follows a backslash.
    private mutating func escape() throws(ConfigurationError) -> Unicode.Scalar {
        guard let byte = peek else { throw error("a text without its closing quote") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw error("unknown escape in a text")
        }
        let unit = try codeUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // Half of a surrogate pair: the other half must follow.
        guard take("\\"), take("u"), unit < 0xDC00 else { throw error("half a character in a text") }
        let low = try codeUnit()
        guard (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
        else { throw error("half a character in a text") }
        return scalar
    }

    private mutating func codeUnit() throws(ConfigurationError) -> UInt32 {
        let digits = text[position..<min(position + 4, text.count)]
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw error("expected four hexadecimal digits") }
        position += 4
        return unit
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
            if byte == 0x0A { line += 1 }
            position += 1
        }
    }

    private var peek: UInt8? { position < text.count ? text[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte = peek, UInt32(byte) == character.value else { return false }
        position += 1
        return true
    }

    private func error(_ problem: String) -> ConfigurationError {
        ConfigurationError(file: file, line: line, problem: "not JSON: \(problem)")
    }

    private static func isLiteral(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// The number grammar: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
    private static func isNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        func digits() -> Int {
            let run = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest.dropFirst(run.count)
            return run.count
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let leadingZero = rest.first == UInt8(ascii: "0")
        let whole = digits()
        guard whole == 1 || whole > 1 && !leadingZero else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard digits() > 0 else { return false }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}
