/// Up to `capacity` bytes stored in place: no heap, cheap to copy, safe in hot enums.
///
/// Bytes behind ``count`` are always zero, so that equal contents are equal memory.
@frozen
public struct InlineBytes<let capacity: Int>: Sendable {
    @usableFromInline var storage: InlineArray<capacity, UInt8>
    /// Number of bytes held, 0...capacity.
    public private(set) var count: Int {
        @inlinable get { Int(length) }
        set { length = UInt16(truncatingIfNeeded: newValue) }
    }
    @usableFromInline var length: UInt16

    /// An empty buffer.
    @inlinable
    public init() {
        storage = InlineArray(repeating: 0)
        length = 0
    }

    /// Copies the bytes of a sequence; what exceeds the capacity is a programmer error.
    @inlinable
    public init(_ bytes: some Sequence<UInt8>) {
        self.init()
        for byte in bytes {
            append(byte)
        }
    }

    /// Copies borrowed bytes; more than the capacity is a programmer error.
    @inlinable
    public init(prefixOf bytes: RawSpan) {
        self.init()
        append(contentsOf: bytes)
    }

    /// Collects what `body` writes.
    ///
    /// - Throws: what `body` throws, ``CodingError/overflow(capacity:)`` if it writes more than the capacity.
    @inlinable
    public init(writing body: (inout ByteWriter) throws(CodingError) -> Void) throws(CodingError) {
        self.init()
        var failure: CodingError?
        var written = 0
        // Safe: the span covers exactly the storage, which is initialised and outlives the closure.
        unsafe withUnsafeMutableBytes(of: &storage) { (buffer: UnsafeMutableRawBufferPointer) -> Void in
            let span = unsafe OutputRawSpan(buffer: buffer, initializedCount: 0)
            var writer = ByteWriter(span)
            do throws(CodingError) {
                try body(&writer)
                written = writer.count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        length = UInt16(truncatingIfNeeded: written)
    }

    /// Whether no byte is held.
    @inlinable
    public var isEmpty: Bool { length == 0 }

    /// The byte at `index`, 0..<count.
    @inlinable
    public subscript(index: Int) -> UInt8 {
        get {
            precondition(index < Int(length))
            return storage[index]
        }
        set {
            precondition(index < Int(length))
            storage[index] = newValue
        }
    }

    /// Appends one byte; beyond the capacity is a programmer error.
    @inlinable
    public mutating func append(_ byte: UInt8) {
        precondition(Int(length) < capacity)
        storage[Int(length)] = byte
        length += 1
    }

    /// Appends borrowed bytes; beyond the capacity is a programmer error.
    @inlinable
    public mutating func append(contentsOf bytes: RawSpan) {
        let start = Int(length)
        precondition(start + bytes.byteCount <= capacity)
        // Safe: the bytes fit behind those that are held, and lie in other memory.
        unsafe bytes.withUnsafeBytes { source in
            unsafe withUnsafeMutableBytes(of: &storage) { target in
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[start...]).copyMemory(from: source)
            }
        }
        length = UInt16(truncatingIfNeeded: start + bytes.byteCount)
    }

    /// Forgets all bytes.
    @inlinable
    public mutating func removeAll() {
        self = InlineBytes()
    }

    /// Hands each held byte to `body`, front to back, without copying the buffer.
    @inlinable
    public func forEach(_ body: (UInt8) -> Void) {
        for index in 0..<Int(length) {
            body(storage[index])
        }
    }

    /// Lends the held bytes to `body`.
    @inlinable
    public func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Safe: bytes of an initialised array, lent for the call only.
        try unsafe body(storage.span.extracting(first: Int(length)).bytes)
    }

    /// The held bytes as an array, for tests and for text.
    public var array: [UInt8] {
        (0..<Int(length)).map { storage[$0] }
    }
}

extension InlineBytes: Equatable {
    /// Compares contents.
    @inlinable
    public static func == (left: Self, right: Self) -> Bool {
        guard left.length == right.length else { return false }
        for index in 0..<Int(left.length) where left.storage[index] != right.storage[index] {
            return false
        }
        return true
    }
}

extension InlineBytes: CustomStringConvertible {
    /// Lower-case hexadecimal, two digits a byte.
    public var description: String { Hex.encode(array) }
}
