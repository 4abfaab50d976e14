import ByteCoding
import RadioPort

/// A field of a vector file that is missing or of another type than the format says.
struct VectorError: Error, CustomStringConvertible {
    var description: String
}

/// Typed access to the fields of a recorded case; what is not there throws.
extension JSONValue {
    subscript(key: String) -> JSONValue? {
        guard case .object(let fields) = self, let value = fields[key], value != .null else { return nil }
        return value
    }

    func field(_ key: String) throws -> JSONValue {
        guard let value = self[key] else { throw VectorError(description: "field \"\(key)\" is missing") }
        return value
    }

    func string(_ key: String) throws -> String {
        guard case .string(let value) = try field(key) else { throw wrong(key, "a string") }
        return value
    }

    func bool(_ key: String) throws -> Bool {
        guard case .bool(let value) = try field(key) else { throw wrong(key, "true or false") }
        return value
    }

    func array(_ key: String) throws -> [JSONValue] {
        guard case .array(let value) = try field(key) else { throw wrong(key, "an array") }
        return value
    }

    func integer<Value: FixedWidthInteger>(_ key: String, as type: Value.Type = Value.self) throws -> Value {
        guard case .integer(let value) = try field(key), let exact = Value(exactly: value) else {
            throw wrong(key, "an integer of \(Value.bitWidth) bits")
        }
        return exact
    }

    func integers<Value: FixedWidthInteger>(_ key: String, as type: Value.Type = Value.self) throws -> [Value] {
        try array(key).map { element in
            guard case .integer(let value) = element, let exact = Value(exactly: value) else {
                throw wrong(key, "an array of integers of \(Value.bitWidth) bits")
            }
            return exact
        }
    }

    func hex(_ key: String) throws -> [UInt8] {
        guard let bytes = Hex.decode(try string(key)) else { throw wrong(key, "hexadecimal") }
        return bytes
    }

    /// Bytes of at most `capacity`.
    func bytes<let capacity: Int>(
        _ key: String,
        as type: InlineBytes<capacity>.Type = InlineBytes<capacity>.self
    ) throws -> InlineBytes<capacity> {
        let bytes = try hex(key)
        guard bytes.count <= capacity else { throw wrong(key, "at most \(capacity) bytes") }
        return InlineBytes(bytes)
    }

    func block(_ key: String) throws -> Key128 {
        guard let block = Key128(try hex(key)) else { throw wrong(key, "16 bytes in hexadecimal") }
        return block
    }

    private func wrong(_ key: String, _ expected: String) -> VectorError {
        VectorError(description: "field \"\(key)\" is not \(expected)")
    }
}
