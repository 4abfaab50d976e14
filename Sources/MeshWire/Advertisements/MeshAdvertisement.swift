public import ByteCoding

/// The length and the first 11 bytes that ``JoinMe`` and ``GraftMe`` have in common.
///
/// Little-endian, the whole advertisement always 31 bytes. Existing nodes check the length, the company, the mesh
/// identifier, the network and the type, but not the AD structure around them; so do the functions here.
///
/// | offset | size | field          | meaning                                       |
/// |-------:|-----:|----------------|-----------------------------------------------|
/// |      0 |    5 | 02 01 06 1B FF | flags; manufacturer specific data of 27 bytes |
/// |      5 |    2 | 4D 02          | company identifier 0x024D                     |
/// |      7 |    1 | F0             | mesh identifier                               |
/// |      8 |    2 | network        |                                               |
/// |     10 |    1 | messageType    |                                               |
@usableFromInline
enum MeshAdvertisement {
    /// Bytes of the whole advertisement.
    @usableFromInline static let encodedSize = 31
    /// The AD structures before the company identifier, as every node sends them.
    static let prefix: InlineArray<5, UInt8> = [0x02, 0x01, 0x06, 0x1B, 0xFF]
    /// Company identifier of the protocol's origin.
    @usableFromInline static let companyIdentifier: UInt16 = 0x024D
    /// Marks a mesh advertisement.
    @usableFromInline static let meshIdentifier: UInt8 = 0xF0

    /// Checks the length, reads up to the type and checks that, too.
    ///
    /// - Returns: The network of the sender.
    @inline(__always)
    static func readStart(
        from reader: inout ByteReader,
        expecting expected: UInt8
    ) throws(CodingError) -> NetworkID {
        guard reader.remaining == encodedSize else {
            guard reader.remaining > encodedSize else {
                throw .truncated(needed: encodedSize, available: reader.remaining)
            }
            throw .trailingBytes(count: reader.remaining - encodedSize)
        }
        try reader.skip(prefix.count)
        let company = try reader.read(UInt16.self)
        guard company == companyIdentifier else { throw .invalidField("company", value: UInt64(company)) }
        let mesh = try reader.read(UInt8.self)
        guard mesh == meshIdentifier else { throw .invalidField("meshIdentifier", value: UInt64(mesh)) }
        let network = NetworkID(try reader.read())
        let type = try reader.read(UInt8.self)
        guard type == expected else { throw .invalidField("messageType", value: UInt64(type)) }
        return network
    }

    /// Writes everything up to the type.
    @inline(__always)
    static func writeStart(
        network: NetworkID,
        messageType: UInt8,
        into writer: inout ByteWriter
    ) throws(CodingError) {
        for index in prefix.indices {
            try writer.write(prefix[index])
        }
        try writer.write(companyIdentifier)
        try writer.write(meshIdentifier)
        try writer.write(network.rawValue)
        try writer.write(messageType)
    }

    /// Whether `data` is an advertisement of the type and of the network, without decoding.
    @inlinable
    static func isStart(of data: InlineBytes<31>, network: NetworkID, messageType: UInt8) -> Bool {
        data.count == encodedSize && data[10] == messageType && data[7] == meshIdentifier
            && data[5] == UInt8(truncatingIfNeeded: companyIdentifier) && data[6] == UInt8(companyIdentifier >> 8)
            && data[8] == UInt8(truncatingIfNeeded: network.rawValue) && data[9] == UInt8(network.rawValue >> 8)
    }
}
