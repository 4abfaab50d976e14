/// The pcapng file format (draft-ietf-opsawg-pcapng): a section with one interface, and a block for every packet.
///
/// Little-endian. Every block begins with type and length, and ends with the length again.
enum PacketCaptureFormat {
    /// Bluetooth LE link layer with a pseudo header (LINKTYPE_BLUETOOTH_LE_LL_WITH_PHDR).
    private static let linkType: UInt16 = 256
    private static let snapshotLength: UInt32 = 0
    private static let commentOption: UInt16 = 1
    private static let applicationOption: UInt16 = 4
    private static let interfaceNameOption: UInt16 = 2

    /// Section and interface; times are microseconds, as is the default.
    static func fileHeader(comment: String) -> [UInt8] {
        var section: [UInt8] = []
        section += bytes(UInt32(0x1A2B_3C4D))
        section += bytes(UInt16(1)) + bytes(UInt16(0))
        // The length of the section is not known.
        section += bytes(UInt64.max)
        section += option(commentOption, comment) + option(applicationOption, "thicket") + bytes(UInt32(0))
        var interface = bytes(linkType) + bytes(UInt16(0)) + bytes(snapshotLength)
        interface += option(interfaceNameOption, "simulated air") + bytes(UInt32(0))
        return block(0x0A0D_0D0A, section) + block(1, interface)
    }

    /// One packet.
    static func packet(_ packet: [UInt8], microseconds: UInt64) -> [UInt8] {
        var body = bytes(UInt32(0)) + bytes(UInt32(truncatingIfNeeded: microseconds >> 32))
        body += bytes(UInt32(truncatingIfNeeded: microseconds))
        body += bytes(UInt32(packet.count)) + bytes(UInt32(packet.count)) + padded(packet)
        return block(6, body)
    }

    private static func block(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
        let length = bytes(UInt32(body.count + 12))
        return bytes(type) + length + body + length
    }

    private static func option(_ code: UInt16, _ text: String) -> [UInt8] {
        let text = Array(text.utf8.prefix(Int(UInt16.max)))
        return bytes(code) + bytes(UInt16(text.count)) + padded(text)
    }

    private static func padded(_ bytes: [UInt8]) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
    }

    private static func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        LinkLayerFrame.bytes(value, Value.bitWidth / 8)
    }
}
