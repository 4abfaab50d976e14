/// A JSON value that keeps the order of its keys, so that the same result is the same line on every machine.
package enum JSONValue: Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    /// Written with at most six decimals.
    case number(Double)
    /// Microseconds, written in seconds without rounding.
    case seconds(UInt64)
    case text(String)
    case list([JSONValue])
    case object(JSONObject)

    /// The value, or null.
    package static func optional<Value>(_ value: Value?, _ make: (Value) -> JSONValue) -> JSONValue {
        value.map(make) ?? .null
    }

    fileprivate func write(into text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .unsigned(let value): text += String(value)
        case .number(let value): text += value.isFinite ? DecimalText.decimals(value, atMost: 6) : "null"
        case .seconds(let microseconds): text += DecimalText.seconds(microseconds)
        case .text(let value): Self.quote(value, into: &text)
        case .object(let object): text += object.line
        case .list(let items):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += "," }
                item.write(into: &text)
            }
            text += "]"
        }
    }

    /// The value for people: text without quotes, everything else as in JSON.
    package var plainText: String {
        if case .text(let text) = self { return text }
        var text = ""
        write(into: &text)
        return text
    }

    fileprivate static func quote(_ value: String, into text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    package init(stringLiteral value: String) { self = .text(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
}

/// Keys and values in the order they were put in.
package struct JSONObject: Equatable, ExpressibleByDictionaryLiteral {
    private struct Field: Equatable {
        var key: String
        var value: JSONValue
    }

    private var fields: [Field] = []

    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        fields = elements.map { Field(key: $0.0, value: $0.1) }
    }

    /// Keys and values in order.
    package var pairs: [(key: String, value: JSONValue)] { fields.map { ($0.key, $0.value) } }

    /// An object of the command line contract: begins with `schema` and `kind`.
    package init(kind: String) {
        self = ["schema": 1, "kind": .text(kind)]
    }

    /// Puts a value behind those that are there.
    package mutating func append(_ key: String, _ value: JSONValue) {
        fields.append(Field(key: key, value: value))
    }

    package mutating func append(_ key: String, integer value: some BinaryInteger) {
        append(key, .integer(Int64(value)))
    }

    package mutating func append(_ key: String, text value: String) { append(key, .text(value)) }

    /// Puts another object's fields behind those that are there.
    package mutating func append(contentsOf other: JSONObject) { fields += other.fields }

    /// The object as one line, without the line feed.
    package var line: String {
        var text = "{"
        for (index, field) in fields.enumerated() {
            if index > 0 { text += "," }
            JSONValue.quote(field.key, into: &text)
            text += ":"
            field.value.write(into: &text)
        }
        return text + "}"
    }
}
