/// A list of values of one size, kept encoded in at most `capacity` bytes: no heap.
///
/// Bytes behind the last whole element are kept, so that encoding gives back what was decoded.
public struct PackedList<Element: PackedElement, let capacity: Int>: WireMessage {
    private var bytes: InlineBytes<capacity>

    /// An empty list.
    public init() {
        bytes = InlineBytes()
    }

    /// A list of elements; more than fit into the capacity is a programmer error.
    public init(_ elements: some Sequence<Element>) {
        self.init()
        for element in elements {
            append(element)
        }
    }

    /// Decodes everything that is left, up to the capacity.
    public init(from reader: inout ByteReader) throws(CodingError) {
        bytes = try reader.readAvailable()
    }

    /// Decodes exactly `byteCount` bytes.
    ///
    /// - Throws: ``CodingError/truncated(needed:available:)`` if fewer are left, ``CodingError/overflow(capacity:)`` if they
    ///   exceed the capacity.
    public init(from reader: inout ByteReader, byteCount: Int) throws(CodingError) {
        bytes = try reader.readBytes(byteCount)
    }

    /// Encodes all bytes.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(bytes)
    }

    /// Most elements that fit.
    public static var elementCountMax: Int { capacity / Element.encodedSize }

    /// Appends an element; beyond the capacity, or behind a partial element, is a programmer error.
    public mutating func append(_ element: Element) {
        precondition(count < Self.elementCountMax && bytes.count == count * Element.encodedSize)
        do throws(CodingError) {
            let encoded = try element.encoded(as: InlineBytes<capacity>.self)
            precondition(encoded.count == Element.encodedSize)
            for index in 0..<encoded.count {
                bytes.append(encoded[index])
            }
        } catch {
            preconditionFailure("a packed element is larger than its size")
        }
    }
}

extension PackedList: RandomAccessCollection {
    /// Index of the first element, 0.
    public var startIndex: Int { 0 }

    /// Number of whole elements.
    public var endIndex: Int { bytes.count / Element.encodedSize }

    /// The element at `index`, 0..<count.
    public subscript(index: Int) -> Element {
        precondition(indices.contains(index))
        do throws(CodingError) {
            return try bytes.withBytes { (span) throws(CodingError) in
                var reader = ByteReader(span)
                try reader.skip(index * Element.encodedSize)
                return try Element(from: &reader)
            }
        } catch {
            preconditionFailure("a packed element has bit patterns that are no value")
        }
    }
}
