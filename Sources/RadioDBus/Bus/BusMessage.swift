import CDBus

/// A message of the bus, as a value.
struct BusMessage {
    /// The four kinds of message.
    enum Kind: Equatable {
        case call
        case reply
        case error(String)
        case signal
    }

    var kind: Kind
    var serial: UInt32 = 0
    /// The call that this answers, 0 if none.
    var replySerial: UInt32 = 0
    var path = ""
    var interface = ""
    var member = ""
    var arguments: [BusValue] = []

    /// The text of an error.
    var text: String { arguments.first?.string ?? "" }

    /// Reads a message of the library.
    init?(_ message: OpaquePointer) {
        switch dbus_message_get_type(message) {
        case DBUS_MESSAGE_TYPE_METHOD_CALL: kind = .call
        case DBUS_MESSAGE_TYPE_METHOD_RETURN: kind = .reply
        case DBUS_MESSAGE_TYPE_SIGNAL: kind = .signal
        case DBUS_MESSAGE_TYPE_ERROR: kind = .error(Self.text(dbus_message_get_error_name(message)))
        default: return nil
        }
        serial = dbus_message_get_serial(message)
        replySerial = dbus_message_get_reply_serial(message)
        path = Self.text(dbus_message_get_path(message))
        interface = Self.text(dbus_message_get_interface(message))
        member = Self.text(dbus_message_get_member(message))
        var iterator = DBusMessageIter()
        if dbus_message_iter_init(message, &iterator) != 0 {
            arguments = BusDecoder.values(&iterator)
        }
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
}

/// Type codes of the library, which are characters.
enum BusType {
    static let invalid: Int32 = 0
    static let byte = code("y")
    static let bool = code("b")
    static let int16 = code("n")
    static let uint16 = code("q")
    static let int32 = code("i")
    static let uint32 = code("u")
    static let int64 = code("x")
    static let uint64 = code("t")
    static let double = code("d")
    static let text = code("s")
    static let path = code("o")
    static let signature = code("g")
    static let descriptor = code("h")
    static let array = code("a")
    static let variant = code("v")
    static let structure = code("r")
    static let entry = code("e")

    private static func code(_ scalar: Unicode.Scalar) -> Int32 { Int32(scalar.value) }
}

/// Takes the arguments of a message apart.
private enum BusDecoder {
    static func values(_ iterator: inout DBusMessageIter) -> [BusValue] {
        var values: [BusValue] = []
        while dbus_message_iter_get_arg_type(&iterator) != BusType.invalid {
            if let value = value(&iterator) { values.append(value) }
            dbus_message_iter_next(&iterator)
        }
        return values
    }

    private static func value(_ iterator: inout DBusMessageIter) -> BusValue? {
        switch dbus_message_iter_get_arg_type(&iterator) {
        case BusType.byte: .byte(basic(&iterator, 0))
        case BusType.bool: .bool(basic(&iterator, dbus_bool_t(0)) != 0)
        case BusType.int16: .int16(basic(&iterator, 0))
        case BusType.uint16: .uint16(basic(&iterator, 0))
        case BusType.int32: .int32(basic(&iterator, 0))
        case BusType.uint32: .uint32(basic(&iterator, 0))
        case BusType.int64: .int64(basic(&iterator, 0))
        case BusType.uint64: .uint64(basic(&iterator, 0))
        case BusType.double: .double(basic(&iterator, 0))
        case BusType.text: .text(text(&iterator))
        case BusType.path: .path(text(&iterator))
        case BusType.signature: .signature(text(&iterator))
        case BusType.descriptor: .descriptor(basic(&iterator, Int32(-1)))
        case BusType.array: array(&iterator)
        case BusType.variant: inner(&iterator).first.map { .variant($0) }
        case BusType.structure: .structure(inner(&iterator))
        case BusType.entry: entry(&iterator)
        default: nil
        }
    }

    private static func basic<Value: BitwiseCopyable>(_ iterator: inout DBusMessageIter, _ zero: Value) -> Value {
        var value = zero
        dbus_message_iter_get_basic(&iterator, &value)
        return value
    }

    private static func text(_ iterator: inout DBusMessageIter) -> String {
        var pointer: UnsafePointer<CChar>?
        dbus_message_iter_get_basic(&iterator, &pointer)
        return pointer.map { String(cString: $0) } ?? ""
    }

    private static func inner(_ iterator: inout DBusMessageIter) -> [BusValue] {
        var inside = DBusMessageIter()
        dbus_message_iter_recurse(&iterator, &inside)
        return values(&inside)
    }

    private static func entry(_ iterator: inout DBusMessageIter) -> BusValue? {
        let pair = inner(&iterator)
        return pair.count == 2 ? .entry(pair[0], pair[1]) : nil
    }

    private static func array(_ iterator: inout DBusMessageIter) -> BusValue {
        guard dbus_message_iter_get_element_type(&iterator) != BusType.byte else { return .bytes(bytes(&iterator)) }
        let whole = signature(&iterator)
        return .array(String(whole.dropFirst()), inner(&iterator))
    }

    private static func bytes(_ iterator: inout DBusMessageIter) -> [UInt8] {
        var inside = DBusMessageIter()
        dbus_message_iter_recurse(&iterator, &inside)
        var pointer: UnsafePointer<UInt8>?
        var count: Int32 = 0
        dbus_message_iter_get_fixed_array(&inside, &pointer, &count)
        // Safe: the library owns so many bytes as long as the message lives; they are copied.
        return Array(UnsafeBufferPointer(start: pointer, count: Int(count)))
    }

    private static func signature(_ iterator: inout DBusMessageIter) -> String {
        guard let pointer = dbus_message_iter_get_signature(&iterator) else { return "a" }
        defer { dbus_free(pointer) }
        return String(cString: pointer)
    }
}

/// Puts arguments into a message.
enum BusEncoder {
    /// Appends values; false if memory ran out or a text cannot be sent.
    static func append(_ values: [BusValue], to message: OpaquePointer) -> Bool {
        var iterator = DBusMessageIter()
        dbus_message_iter_init_append(message, &iterator)
        return values.allSatisfy { append($0, &iterator) }
    }

    private static func append(_ value: BusValue, _ iterator: inout DBusMessageIter) -> Bool {
        switch value {
        case .byte(let value): basic(BusType.byte, value, &iterator)
        case .bool(let value): basic(BusType.bool, dbus_bool_t(value ? 1 : 0), &iterator)
        case .int16(let value): basic(BusType.int16, value, &iterator)
        case .uint16(let value): basic(BusType.uint16, value, &iterator)
        case .int32(let value): basic(BusType.int32, value, &iterator)
        case .uint32(let value): basic(BusType.uint32, value, &iterator)
        case .int64(let value): basic(BusType.int64, value, &iterator)
        case .uint64(let value): basic(BusType.uint64, value, &iterator)
        case .double(let value): basic(BusType.double, value, &iterator)
        case .text(let value): text(BusType.text, value, &iterator)
        case .path(let value): text(BusType.path, value, &iterator)
        case .signature(let value): text(BusType.signature, value, &iterator)
        case .descriptor(let value): basic(BusType.descriptor, value, &iterator)
        case .bytes(let value): container(BusType.array, "y", value.map { .byte($0) }, &iterator)
        case .array(let signature, let items): container(BusType.array, signature, items, &iterator)
        case .structure(let items): container(BusType.structure, nil, items, &iterator)
        case .entry(let key, let value): container(BusType.entry, nil, [key, value], &iterator)
        case .variant(let value): container(BusType.variant, value.signature, [value], &iterator)
        }
    }

    private static func basic<Value: BitwiseCopyable>(
        _ type: Int32,
        _ value: Value,
        _ iterator: inout DBusMessageIter
    ) -> Bool {
        var value = value
        return dbus_message_iter_append_basic(&iterator, type, &value) != 0
    }

    private static func text(_ type: Int32, _ value: String, _ iterator: inout DBusMessageIter) -> Bool {
        value.withCString { pointer in
            var pointer: UnsafePointer<CChar>? = pointer
            return dbus_message_iter_append_basic(&iterator, type, &pointer) != 0
        }
    }

    private static func container(
        _ type: Int32,
        _ signature: String?,
        _ items: [BusValue],
        _ iterator: inout DBusMessageIter
    ) -> Bool {
        var inside = DBusMessageIter()
        guard dbus_message_iter_open_container(&iterator, type, signature, &inside) != 0 else { return false }
        guard items.allSatisfy({ append($0, &inside) }) else {
            dbus_message_iter_abandon_container(&iterator, &inside)
            return false
        }
        return dbus_message_iter_close_container(&iterator, &inside) != 0
    }
}
