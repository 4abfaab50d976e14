/// A value of a D-Bus message, of the types that BlueZ uses (D-Bus Specification, Type System).
indirect enum BusValue: Equatable, Sendable {
    case byte(UInt8)
    case bool(Bool)
    case int16(Int16)
    case uint16(UInt16)
    case int32(Int32)
    case uint32(UInt32)
    case int64(Int64)
    case uint64(UInt64)
    case double(Double)
    case text(String)
    case path(String)
    case signature(String)
    /// A file descriptor, owned by whoever takes the value out.
    case descriptor(Int32)
    /// Bytes: the array that is not taken apart.
    case bytes([UInt8])
    /// Items with the signature that all of them have, told even if there are none.
    case array(String, [BusValue])
    case structure([BusValue])
    case entry(BusValue, BusValue)
    case variant(BusValue)

    /// The signature of its type.
    var signature: String {
        switch self {
        case .byte: "y"
        case .bool: "b"
        case .int16: "n"
        case .uint16: "q"
        case .int32: "i"
        case .uint32: "u"
        case .int64: "x"
        case .uint64: "t"
        case .double: "d"
        case .text: "s"
        case .path: "o"
        case .signature: "g"
        case .descriptor: "h"
        case .bytes: "ay"
        case .array(let item, _): "a" + item
        case .structure(let items): "(" + items.map(\.signature).joined() + ")"
        case .entry(let key, let value): "{" + key.signature + value.signature + "}"
        case .variant: "v"
        }
    }

    // MARK: - Building

    /// `a{sv}` from keys and values.
    static func dictionary(_ pairs: [(String, BusValue)]) -> BusValue {
        .array("{sv}", pairs.map { .entry(.text($0.0), .variant($0.1)) })
    }

    // MARK: - Taking apart

    /// What a variant holds, or the value itself.
    var unwrapped: BusValue {
        guard case .variant(let inner) = self else { return self }
        return inner.unwrapped
    }

    /// The text of a string or path, nil for anything else.
    var string: String? {
        switch unwrapped {
        case .text(let text), .path(let text): text
        default: nil
        }
    }

    var flag: Bool? {
        guard case .bool(let flag) = unwrapped else { return nil }
        return flag
    }

    var integer: Int? {
        switch unwrapped {
        case .byte(let value): Int(value)
        case .int16(let value): Int(value)
        case .uint16(let value): Int(value)
        case .int32(let value): Int(value)
        case .uint32(let value): Int(value)
        default: nil
        }
    }

    var byteArray: [UInt8]? {
        guard case .bytes(let bytes) = unwrapped else { return nil }
        return bytes
    }

    /// The items of an array that is no dictionary.
    var items: [BusValue] {
        guard case .array(_, let items) = unwrapped else { return [] }
        return items
    }

    /// Keys and values of a dictionary, in its order.
    var entries: [(key: BusValue, value: BusValue)] {
        items.compactMap {
            guard case .entry(let key, let value) = $0 else { return nil }
            return (key, value)
        }
    }

    /// A dictionary with text keys; of keys given twice the last holds.
    var properties: [String: BusValue] {
        var properties: [String: BusValue] = [:]
        for (key, value) in entries {
            if let name = key.string { properties[name] = value.unwrapped }
        }
        return properties
    }
}
