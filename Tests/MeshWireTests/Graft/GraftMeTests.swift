import ByteCoding
import MeshWire
import Testing

@Suite
struct GraftMeTests {
    private let text = "02 01 06 1B FF 4D 02 F0 0B 00 0A 05 00 05 00 CD AB 03 00 5A 01 04 01 FF FF 0E 00 03 00 00 00"

    private let advertisement = GraftMe(
        network: NetworkID(11),
        sender: NodeID(5),
        key: ClusterKey(rank: 3, cluster: ClusterID(rawValue: 0xABCD_0005)),
        clusterSize: 3,
        freeIn: 2,
        freeOut: 3,
        isRoot: true,
        calls: false,
        eccentricity: 1,
        meshWriteHandle: 0x000E
    )

    private func encoded(_ advertisement: GraftMe) throws -> [UInt8] {
        try advertisement.encoded(as: InlineBytes<31>.self).array
    }

    @Test
    func workedExample() throws {
        let expected = try bytes(text)
        #expect(expected.count == GraftMe.encodedSize)
        #expect(try GraftMe(bytes: expected) == advertisement)
        #expect(try encoded(advertisement) == expected)
    }

    @Test
    func everyFieldHasItsPlace() throws {
        let other = GraftMe(
            network: NetworkID(0x0102),
            sender: NodeID(0x0304),
            key: ClusterKey(rank: 0x1516_1718, cluster: ClusterID(rawValue: 0x0506_0708)),
            clusterSize: 0x090A,
            freeIn: 1,
            freeOut: 6,
            isRoot: false,
            calls: true,
            eccentricity: 0x0B,
            txPower: -12,
            deviceType: .sink,
            hopsToSink: 0x0E0F,
            meshWriteHandle: 0x1011
        )
        let expected = try bytes("0201061BFF 4D02F0 0201 0A 0403 08070605 0A09 B1 0B F4 03 0F0E 1110 18171615")
        #expect(try encoded(other) == expected)
        #expect(try GraftMe(bytes: expected) == other)
    }

    @Test
    func eccentricityIsUnknownUnlessGiven() throws {
        let unknown = GraftMe(
            network: NetworkID(11),
            sender: NodeID(5),
            key: advertisement.key,
            clusterSize: 1,
            freeIn: 0,
            freeOut: 0,
            isRoot: true,
            calls: false,
            meshWriteHandle: 14
        )
        #expect(try encoded(unknown)[20] == 255)
        #expect(unknown.eccentricity == GraftMe.unknownEccentricity)
    }

    @Test
    func freeSlotsSaturateAtSeven() throws {
        var other = advertisement
        for count in 0...255 as ClosedRange<UInt8> {
            other.freeIn = count
            other.freeOut = 255 - count
            let decoded = try GraftMe(bytes: try encoded(other))
            #expect(decoded.freeIn == min(count, 7))
            #expect(decoded.freeOut == min(255 - count, 7))
            #expect(decoded.isRoot && !decoded.calls)
        }
    }

    @Test
    func everyByteOfSlotsAndFlagsRoundTrips() throws {
        var whole = try bytes(text)
        for byte in 0...255 as ClosedRange<UInt8> {
            whole[19] = byte
            let decoded = try GraftMe(bytes: whole)
            #expect(decoded.freeIn == byte & 7)
            #expect(decoded.freeOut == byte >> 3 & 7)
            #expect(decoded.isRoot == (byte & 64 != 0))
            #expect(decoded.calls == (byte & 128 != 0))
            #expect(try encoded(decoded) == whole)
        }
    }

    @Test
    func prefixesAndLongerOnesThrow() throws {
        let whole = try bytes(text)
        for length in 0..<whole.count {
            #expect(throws: CodingError.truncated(needed: 31, available: length)) {
                try GraftMe(bytes: Array(whole.prefix(length)))
            }
        }
        #expect(throws: CodingError.trailingBytes(count: 1)) { try GraftMe(bytes: whole + [0]) }
    }

    @Test
    func bitFlipsAreKeptOrThrow() throws {
        let whole = try bytes(text)
        for bit in 0..<whole.count * 8 {
            var flipped = whole
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let decoded = try? GraftMe(bytes: flipped) else {
                #expect([5, 6, 7, 10].contains(bit / 8))
                continue
            }
            // The AD structure in front is not looked at, and written as every node sends it.
            #expect(try encoded(decoded) == (bit / 8 < 5 ? whole : flipped))
        }
    }

    @Test
    func neitherAdvertisementIsTakenForTheOther() throws {
        let network = NetworkID(11)
        let graftMe: InlineBytes<31> = try inline(text)
        let joinMe: InlineBytes<31> = try inline("0201061BFF4D02F00B000105000500CDAB03001A1E0401FFFF0E0000000000")
        #expect(GraftMe.isForNetwork(network, graftMe))
        #expect(!JoinMe.isForNetwork(network, graftMe))
        #expect(JoinMe.isForNetwork(network, joinMe))
        #expect(!GraftMe.isForNetwork(network, joinMe))
        #expect(throws: CodingError.invalidField("messageType", value: 10)) { try JoinMe(bytes: graftMe) }
        #expect(throws: CodingError.invalidField("messageType", value: 1)) { try GraftMe(bytes: joinMe) }
    }

    @Test
    func filterAndDecoderAgree() throws {
        let whole = try bytes(text)
        for bit in 0..<whole.count * 8 {
            var flipped = InlineBytes<31>(whole)
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            let decoded = try? GraftMe(bytes: flipped)
            #expect(GraftMe.isForNetwork(NetworkID(11), flipped) == (decoded?.network == NetworkID(11)))
        }
        for length in 0..<whole.count {
            #expect(!GraftMe.isForNetwork(NetworkID(11), InlineBytes(whole.prefix(length))))
        }
        #expect(!GraftMe.isForNetwork(NetworkID(12), InlineBytes(whole)))
    }
}
