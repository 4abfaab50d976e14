import CZlib

/// One stream of compressed data (RFC 1951), cut into pieces at any byte boundary wanted.
final class Deflater {
    // Not a stored value: zlib keeps the address.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    init() {
        stream.initialize(to: z_stream())
        let size = Int32(MemoryLayout<z_stream>.size)
        let status = deflateInit2_(
            stream,
            Z_DEFAULT_COMPRESSION,
            Z_DEFLATED,
            -MAX_WBITS,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            size
        )
        precondition(status == Z_OK, "zlib: \(status)")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Compresses a piece so that it can be expanded without those that follow.
    func compressed(_ piece: [UInt8]) -> [UInt8] {
        var piece = piece
        return piece.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = uInt(input.count)
            return pump(stream) { deflate($0, Z_SYNC_FLUSH) }.bytes
        }
    }

    /// Bytes that a compressed piece has at most.
    static func bound(_ count: Int) -> Int { count + count >> 9 + 64 }
}

/// Takes apart what a ``Deflater`` made, piece by piece.
final class Inflater {
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    init() {
        stream.initialize(to: z_stream())
        let status = inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib: \(status)")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Expands a piece; nil if it is not one, or longer than `limit`.
    func expanded(_ piece: [UInt8], limit: Int) -> [UInt8]? {
        var piece = piece
        return piece.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = uInt(input.count)
            let result = pump(stream, limit: limit) { inflate($0, Z_SYNC_FLUSH) }
            return result.isWhole && stream.pointee.avail_in == 0 ? result.bytes : nil
        }
    }
}

/// Calls a function of zlib until it has no more to give.
private func pump(
    _ stream: UnsafeMutablePointer<z_stream>,
    limit: Int = .max,
    _ step: (UnsafeMutablePointer<z_stream>) -> Int32
) -> (bytes: [UInt8], isWhole: Bool) {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
        let (status, count) = buffer.withUnsafeMutableBufferPointer { output in
            stream.pointee.next_out = output.baseAddress
            stream.pointee.avail_out = uInt(output.count)
            let status = step(stream)
            return (status, output.count - Int(stream.pointee.avail_out))
        }
        bytes += buffer.prefix(count)
        // There is nothing to do any more: no error.
        guard status == Z_OK || status == Z_BUF_ERROR, bytes.count <= limit else { return (bytes, false) }
        if count < buffer.count { return (bytes, true) }
    }
}
