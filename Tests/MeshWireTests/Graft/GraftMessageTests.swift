import ByteCoding
import MeshWire
import Testing

/// The messages of links that graft: bytes to value, value to bytes, and what is not one.
@Suite
struct GraftMessageTests {
    private static let key = ClusterKey(rank: 7, cluster: ClusterID(rawValue: 0x0003_0005))

    /// Each type with its documented length; the first two are the worked examples of the format.
    private static let examples: [(text: String, length: Int, message: MeshMessage)] = [
        (
            "29 09 00 05 00 05 00 03 00 07 00 00 00 04 00 02 01 FF FF", GraftConcede.encodedSize,
            .graftConcede(
                GraftConcede(
                    sender: NodeID(9),
                    receiver: NodeID(5),
                    key: key,
                    branch: GraftBranch(behind: 4, height: 2, alternatives: 1, hopsToSink: -1)
                )
            )
        ),
        (
            "2A 05 00 09 00 01 05 00 03 00 07 00 00 00 0D 00 04 02 FF FF", GraftUpdate.encodedSize,
            .graftUpdate(
                GraftUpdate(
                    sender: NodeID(5),
                    receiver: NodeID(9),
                    key: key,
                    isKeyValid: true,
                    branch: GraftBranch(behind: 13, height: 4, alternatives: 2, hopsToSink: -1)
                )
            )
        ),
        (
            "2A 0900 0500 B2 08070605 04030201 FEFF FF 0F 0201", GraftUpdate.encodedSize,
            .graftUpdate(
                GraftUpdate(
                    sender: NodeID(9),
                    receiver: NodeID(5),
                    key: ClusterKey(rank: 0x0102_0304, cluster: ClusterID(rawValue: 0x0506_0708)),
                    isKeyValid: false,
                    reserved: 0x59,
                    branch: GraftBranch(behind: -2, height: 255, alternatives: 15, hopsToSink: 0x0102)
                )
            )
        ),
        (
            "28 0900 3175 01 AD 05000300 07000000 0D00 0E00 0B00 04 02 0300 78563412", GraftHello.encodedSize,
            .graftHello(
                GraftHello(
                    sender: NodeID(9),
                    isRoot: true,
                    isFull: false,
                    isMove: true,
                    reserved: 0x15,
                    key: key,
                    size: 13,
                    writeHandle: 14,
                    network: NetworkID(11),
                    eccentricity: 4,
                    alternatives: 2,
                    hopsToSink: 3,
                    nonce: 0x1234_5678
                )
            )
        ),
        (
            "28 0500 3175 01 02 08070605 04030201 0A09 0C0B 0E0D FF 0F FFFF 00000000", GraftHello.encodedSize,
            .graftHello(
                GraftHello(
                    sender: NodeID(5),
                    isRoot: false,
                    isFull: true,
                    isMove: false,
                    key: ClusterKey(rank: 0x0102_0304, cluster: ClusterID(rawValue: 0x0506_0708)),
                    size: 0x090A,
                    writeHandle: 0x0B0C,
                    network: NetworkID(0x0D0E),
                    eccentricity: 255,
                    alternatives: 15,
                    hopsToSink: -1,
                    nonce: 0
                )
            )
        ),
        (
            "2B 0500 0900 05000300 07000000", GraftRole.encodedSize,
            .graftRole(GraftRole(sender: NodeID(5), receiver: NodeID(9), key: key))
        ),
        (
            "2C 0900 0500 FF", GraftRequest.encodedSize,
            .graftRequest(GraftRequest(sender: NodeID(9), receiver: NodeID(5)))
        ),
        (
            "2C 0900 0500 07", GraftRequest.encodedSize,
            .graftRequest(GraftRequest(sender: NodeID(9), receiver: NodeID(5), cost: 7))
        ),
        (
            "2C 0900 0500 FE", GraftRequest.encodedSize,
            .graftRequest(GraftRequest(sender: NodeID(9), receiver: NodeID(5), cost: GraftRequest.withdrawn))
        ),
        (
            "2D 0900 0500 01", GraftKnock.encodedSize,
            .graftKnock(GraftKnock(sender: NodeID(9), receiver: NodeID(5)))
        ),
        (
            "2D 0900 0500 C8", GraftKnock.encodedSize,
            .graftKnock(GraftKnock(sender: NodeID(9), receiver: NodeID(5), reason: 200))
        ),
        (
            "2E 0900 0500 78563412", GraftReconnect.encodedSize,
            .graftReconnect(GraftReconnect(sender: NodeID(9), receiver: NodeID(5), nonce: 0x1234_5678))
        ),
    ]

    @Test(arguments: examples.indices)
    func examplesDecodeAndEncode(index: Int) throws {
        let (text, length, message) = Self.examples[index]
        let expected = try bytes(text)
        #expect(expected.count == length)
        #expect(try MeshMessage(bytes: expected) == message)
        #expect(try message.encoded().array == expected)
    }

    @Test
    func lengthsAreThoseOfTheFormat() {
        #expect(GraftHello.encodedSize == 29)
        #expect(GraftConcede.encodedSize == 19)
        #expect(GraftUpdate.encodedSize == 20)
        #expect(GraftRole.encodedSize == 13)
        #expect(GraftRequest.encodedSize == 6)
        #expect(GraftKnock.encodedSize == 6)
        #expect(GraftReconnect.encodedSize == 9)
    }

    @Test(arguments: examples.indices)
    func everyShorterPrefixThrows(index: Int) throws {
        let whole = try bytes(Self.examples[index].text)
        for length in 0..<whole.count {
            #expect(throws: CodingError.self) { try MeshMessage(bytes: Array(whole.prefix(length))) }
        }
    }

    @Test(arguments: examples.indices)
    func everyBitFlipIsKeptOrThrows(index: Int) throws {
        let whole = try bytes(Self.examples[index].text)
        for bit in 0..<whole.count * 8 {
            var flipped = whole
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let decoded = try? MeshMessage(bytes: flipped) else {
                // Only another type may ask for something else.
                #expect(bit / 8 == 0)
                continue
            }
            #expect(try decoded.encoded().array == flipped)
            if bit / 8 > 0 { #expect(decoded != Self.examples[index].message) }
        }
    }

    @Test(arguments: examples.indices)
    func bytesBehindAreKept(index: Int) throws {
        let (text, _, message) = Self.examples[index]
        let longer = try bytes(text) + [0xAA, 0xBB]
        let decoded = try MeshMessage(bytes: longer)
        #expect(decoded == .extended(message, trailing: try inline("AABB")))
        #expect(try decoded.encoded().array == longer)
    }

    @Test
    func noTypeIsTakenForAnother() throws {
        let whole = [UInt8](repeating: 0, count: 200)
        for type in 0...255 as ClosedRange<UInt8> {
            let message = [type] + whole.dropFirst()
            #expect(((try? GraftHello(bytes: message)) != nil) == (type == 40))
            #expect(((try? GraftConcede(bytes: message)) != nil) == (type == 41))
            #expect(((try? GraftUpdate(bytes: message)) != nil) == (type == 42))
            #expect(((try? GraftRole(bytes: message)) != nil) == (type == 43))
            #expect(((try? GraftRequest(bytes: message)) != nil) == (type == 44))
            #expect(((try? GraftKnock(bytes: message)) != nil) == (type == 45))
            #expect(((try? GraftReconnect(bytes: message)) != nil) == (type == 46))
        }
    }

    /// A least length would have nodes that do not graft deliver these messages instead of dropping them as unknown.
    @Test
    func typesOfGraftingAreNotDispatched() {
        for type in 40...46 as ClosedRange<UInt8> {
            #expect(MessageType(rawValue: type).minimumLength == nil)
        }
    }

    // MARK: - Other versions

    private let hello = "28 0900 3175 01 AD 05000300 07000000 0D00 0E00 0B00 04 02 0300 78563412"

    @Test
    func helloOfALongerVersionTellsItsVersion() throws {
        var whole = try bytes(hello)
        whole[5] = 2
        whole += [UInt8](repeating: 0xEE, count: 171)
        #expect(GraftHello.version(of: MessageBytes(whole)) == 2)
        #expect(try GraftHello(bytes: whole).version == 2)
        guard case .extended(.graftHello(let message), _) = try MeshMessage(bytes: whole) else {
            Issue.record("not a longer hello")
            return
        }
        #expect(message.version == 2)
        #expect(try MeshMessage(bytes: whole).encoded().array == whole)
    }

    @Test
    func helloOfAShorterVersionTellsItsVersion() throws {
        #expect(GraftHello.version(of: try inline("28 0900 3175 03")) == 3)
        #expect(throws: CodingError.self) { try GraftHello(bytes: try bytes("28 0900 3175 03")) }
    }

    @Test
    func everyVersionIsTold() throws {
        var whole: MessageBytes = try inline(hello)
        for version in 0...255 as ClosedRange<UInt8> {
            whole[5] = version
            #expect(GraftHello.version(of: whole) == version)
            let decoded = try GraftHello(bytes: whole)
            #expect(decoded.version == version)
            #expect(try decoded.encoded(as: MessageBytes.self) == whole)
        }
    }

    @Test
    func whatIsNoHelloHasNoVersion() throws {
        #expect(GraftHello.version(of: MessageBytes()) == nil)
        #expect(GraftHello.version(of: try inline("28 0900 3175")) == nil)
        #expect(GraftHello.version(of: try inline("29 09 00 05 00 05 00 03 00 07 00 00 00 04 00 02 01 FF FF")) == nil)
    }
}
