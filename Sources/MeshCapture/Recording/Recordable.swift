import ByteCoding

/// A value that has one form in a recording; ``MeshCapture`` tells which.
///
/// `init(recorded:)` and `record(into:)` name the same fields in the same order. Reading never traps: bytes that are no value
/// throw.
protocol Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError)
    func record(into writer: inout ByteWriter) throws(CodingError)
}

// MARK: - Numbers

/// Two bytes and more are written with as many as they need.
extension Recordable where Self: FixedWidthInteger & UnsignedInteger {
    init(recorded reader: inout ByteReader) throws(CodingError) { self = try reader.readVarint() }
    func record(into writer: inout ByteWriter) throws(CodingError) { try writer.writeVarint(self) }
}

extension UInt16: Recordable {}
extension UInt32: Recordable {}
extension UInt64: Recordable {}

extension UInt8: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) { self = try reader.read() }
    func record(into writer: inout ByteWriter) throws(CodingError) { try writer.write(self) }
}

extension Int8: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) { self = try reader.read() }
    func record(into writer: inout ByteWriter) throws(CodingError) { try writer.write(self) }
}

extension Int16: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) { self = try reader.read() }
    func record(into writer: inout ByteWriter) throws(CodingError) { try writer.write(self) }
}

extension Bool: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        let byte = try reader.read(UInt8.self)
        guard byte <= 1 else { throw .invalidField("flag", value: UInt64(byte)) }
        self = byte == 1
    }

    func record(into writer: inout ByteWriter) throws(CodingError) { try writer.write(UInt8(self ? 1 : 0)) }
}

// MARK: - Names of numbers

extension Recordable where Self: RawRepresentable, RawValue: Recordable & FixedWidthInteger {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        let number = try RawValue(recorded: &reader)
        guard let value = Self(rawValue: number) else {
            throw .invalidField("choice", value: UInt64(truncatingIfNeeded: number))
        }
        self = value
    }

    func record(into writer: inout ByteWriter) throws(CodingError) { try rawValue.record(into: &writer) }
}

/// Choices without numbers: their places in the source, which therefore never change.
extension Recordable where Self: CaseIterable & Equatable, AllCases == [Self] {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        let place = try reader.read(UInt8.self)
        guard place < Self.allCases.count else { throw .invalidField("choice", value: UInt64(place)) }
        self = Self.allCases[Int(place)]
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(UInt8(truncatingIfNeeded: Self.allCases.firstIndex(of: self) ?? 0))
    }
}

// MARK: - Several values

/// A flag, then the value if there is one.
extension Optional: Recordable where Wrapped: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        self = try Bool(recorded: &reader) ? Wrapped(recorded: &reader) : nil
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try (self != nil).record(into: &writer)
        try self?.record(into: &writer)
    }
}

/// Their number, then one after the other; at most 255, which is more than any list of a node holds.
extension Array: Recordable where Element: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        self = []
        for _ in 0..<(try reader.read(UInt8.self)) { append(try Element(recorded: &reader)) }
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        guard let count = UInt8(exactly: count) else { throw .overflow(capacity: Int(UInt8.max)) }
        try writer.write(count)
        for element in self { try element.record(into: &writer) }
    }
}

/// Their number, then the bytes.
extension InlineBytes: Recordable {
    init(recorded reader: inout ByteReader) throws(CodingError) {
        self = try reader.readBytes(Int(reader.read(UInt8.self)))
    }

    func record(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(UInt8(truncatingIfNeeded: count))
        try writer.write(self)
    }
}

/// The fields at the given places, one after the other.
struct RecordedFields<Root, Value: Recordable>: @unchecked Sendable {
    // Sendable: key paths without captured values are constants, and nothing here changes them.
    let paths: [WritableKeyPath<Root, Value>]

    init(_ paths: WritableKeyPath<Root, Value>...) { self.paths = paths }

    func read(into root: inout Root, from reader: inout ByteReader) throws(CodingError) {
        for path in paths { root[keyPath: path] = try Value(recorded: &reader) }
    }

    func write(_ root: Root, into writer: inout ByteWriter) throws(CodingError) {
        for path in paths { try root[keyPath: path].record(into: &writer) }
    }
}
