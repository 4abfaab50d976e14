import ByteCoding
import MeshCore
import MeshCrypto
import MeshWire
import RadioPort
import Testing

/// Two ends of one link with a wire between them that the test can read.
private final class Pair {
    var central: AccessChannel
    var peripheral: AccessChannel

    init(
        keyID: FmKeyID = .network,
        centralKey: Key128 = Key128(repeating: 0x22),
        peripheralKeys: NodeKeys = NodeKeys(),
        tunnel: TunnelType = .peerToPeer,
        isMeshLink: Bool = false
    ) {
        central = AccessChannel(
            AccessHandshake(centralWithID: NodeID(1), keyID: keyID, longTermKey: centralKey, tunnel: tunnel)
        )
        peripheral = AccessChannel(
            AccessHandshake(
                peripheralWithID: NodeID(2),
                accepting: AccessHandshake.Acceptance(keys: peripheralKeys, isMeshLink: isMeshLink)
            )
        )
    }

    static let anonce = AccessNonce(first: 0x4EFA_4C1D, second: 0x2A68_1932)
    static let snonce = AccessNonce(first: 0x64B8_D3FC, second: 0x19E8_0FAD)

    func toPeripheral(_ packet: AttributeValue) -> AccessChannel.Reaction {
        peripheral.receive(packet, nonce: Self.anonce, cipher: AES128.cipher)
    }

    func toCentral(_ packet: AttributeValue) -> AccessChannel.Reaction {
        central.receive(packet, nonce: Self.snonce, cipher: AES128.cipher)
    }

    func start() -> AttributeValue? { central.start() }

    func sealAtCentral(_ piece: AttributeValue) -> AttributeValue? { central.seal(piece, cipher: AES128.cipher) }

    func sealAtPeripheral(_ piece: AttributeValue) -> AttributeValue? {
        peripheral.seal(piece, cipher: AES128.cipher)
    }

    /// Runs a handshake that is expected to succeed.
    func establish() throws {
        let start = try #require(self.start())
        let anonce = try #require(toPeripheral(start).sent)
        let snonce = try #require(toCentral(anonce).sent)
        guard case .established(let done?) = toPeripheral(snonce) else {
            Issue.record("the peripheral did not accept SNONCE")
            return
        }
        #expect(toCentral(done) == .established(nil))
    }
}

extension AccessChannel.Reaction {
    fileprivate var sent: AttributeValue? {
        guard case .send(let packet) = self else { return nil }
        return packet
    }
}

private func bytes(_ hex: String) throws -> AttributeValue {
    AttributeValue(try #require(Hex.decode(hex.filter { $0 != " " })))
}

@Suite struct AccessChannelTests {
    /// The worked example of protocol §6.8, byte for byte.
    @Test func followsTheWorkedExample() throws {
        let key = Key128(low: 4, high: 0)
        let pair = Pair(centralKey: key, peripheralKeys: NodeKeys(network: key))
        let start = try #require(pair.start())
        #expect(start == (try bytes("19 01 00 00 00 01 02 00 00 00 00")))
        let anonce = try #require(pair.toPeripheral(start).sent)
        #expect(anonce == (try bytes("1A 02 00 01 00 1D 4C FA 4E 32 19 68 2A")))
        let snonce = try #require(pair.toCentral(anonce).sent)
        #expect(snonce == (try bytes("79 65 A5 B6 A6 A7 58 89 0D E8 77 ED DC CA CA 47 57")))
        #expect(pair.central.payloadSize == 20)
        let done = pair.toPeripheral(snonce)
        #expect(done == .established(try bytes("9F 32 E5 B1 4F 7B 62 92 E7 B6")))
        #expect(pair.toCentral(try bytes("9F 32 E5 B1 4F 7B 62 92 E7 B6")) == .established(nil))
        let session = try #require(pair.central.session)
        #expect(Hex.encode(session.sending.key.bytes) == "031cbdba7342fdb0951381ab97948cd9")
        #expect(Hex.encode(session.receiving.key.bytes) == "a4131a68d264b655906e87ad5fbff0a0")
        #expect(session.sending.nonce == AccessNonce(first: 0x4EFA_4C1D, second: 0x2A68_1934))
        #expect(pair.central.payloadSize == 16)
        let clear = try bytes("33 01 00 02 00 03 00 01")
        let sealed = try #require(pair.sealAtCentral(clear))
        #expect(sealed == (try bytes("65 E7 35 35 49 1F 85 A0 58 EF 8A A7")))
        #expect(pair.toPeripheral(sealed) == .received(clear))
    }

    @Test(
        arguments: [
            (FmKeyID.node, NodeKeys().node), (.network, NodeKeys().network),
            (.organization, Key128(repeating: 0x44)), (.restrained, nil), (FmKeyID(rawValue: 10), nil),
            (FmKeyID(rawValue: 0x7FFF_FFFF), nil),
        ] as [(FmKeyID, Key128?)]
    )
    func everyUsableKeyOpensTheLink(keyID: FmKeyID, key: Key128?) throws {
        let keys = NodeKeys(userBase: Key128(repeating: 0x33), organization: Key128(repeating: 0x44))
        let derived = keys.longTermKey(for: keyID, cipher: AES128.cipher)
        let longTermKey = try #require(key ?? derived)
        #expect(derived == longTermKey)
        let pair = Pair(keyID: keyID, centralKey: longTermKey, peripheralKeys: keys)
        try pair.establish()
        #expect(pair.peripheral.session?.keyID == keyID)
    }

    @Test(arguments: [0, 3, 6, 9, 0x8000_0000, 0xFFFF_FFFF] as [UInt32])
    func otherKeyIDsAreRefused(id: UInt32) throws {
        let pair = Pair(keyID: FmKeyID(rawValue: id), peripheralKeys: NodeKeys(userBase: Key128(repeating: 0x33)))
        let start = try #require(pair.start())
        #expect(pair.toPeripheral(start) == .close(.invalidKey))
    }

    @Test(arguments: [FmKeyID.node, .network, .organization, .restrained, FmKeyID(rawValue: 10)])
    func keysThatAreNotSetAreRefused(keyID: FmKeyID) throws {
        let unset = NodeKeys(network: .unset, node: .unset, userBase: .unset, organization: .unset)
        let pair = Pair(keyID: keyID, peripheralKeys: unset)
        let start = try #require(pair.start())
        #expect(pair.toPeripheral(start) == .close(.invalidKey))
    }

    @Test func keyZeroNeedsPermission() {
        let keys = NodeKeys()
        #expect(keys.longTermKey(for: .zero, cipher: AES128.cipher) == nil)
        #expect(keys.longTermKey(for: .zero, acceptsZero: true, cipher: AES128.cipher) == .zero)
    }

    @Test(arguments: [
        (TunnelType.peerToPeer, TunnelType.peerToPeer), (.remoteMesh, .localMesh), (.localMesh, .remoteMesh),
    ])
    func thePeripheralMirrorsTheTunnel(asked: TunnelType, mirrored: TunnelType) throws {
        let pair = Pair(tunnel: asked)
        try pair.establish()
        #expect(pair.central.session?.tunnel == asked)
        #expect(pair.peripheral.session?.tunnel == mirrored)
        #expect(pair.central.session?.partner == NodeID(2))
        #expect(pair.peripheral.session?.partner == NodeID(1))
    }

    @Test func meshToMeshIsRefused() throws {
        let pair = Pair(tunnel: .meshToMesh)
        let start = try #require(pair.start())
        #expect(pair.toPeripheral(start) == .close(.illegalTunnel))
        #expect(pair.toPeripheral(start) == .ignored)
    }

    @Test func meshLinksTakeTheNetworkKeyWithoutTunnelOnly() throws {
        let good = Pair(isMeshLink: true)
        try good.establish()
        let tunnel = Pair(tunnel: .remoteMesh, isMeshLink: true)
        #expect(tunnel.toPeripheral(try #require(tunnel.start())) == .close(.illegalTunnel))
        let key = Pair(keyID: .node, centralKey: NodeKeys().node, isMeshLink: true)
        #expect(key.toPeripheral(try #require(key.start())) == .close(.invalidKey))
    }

    @Test func aWrongKeyEndsTheLinkAtSNonce() throws {
        let pair = Pair(centralKey: Key128(repeating: 0x23))
        let start = try #require(pair.start())
        let anonce = try #require(pair.toPeripheral(start).sent)
        let snonce = try #require(pair.toCentral(anonce).sent)
        #expect(pair.toPeripheral(snonce) == .close(.invalidHandshakePacket))
    }

    @Test(arguments: ["", "14", "1a0200010000000000000000000000", "3d01000200deaddada00ff7733", "3301000200030001"])
    func anythingButStartEndsTheLink(packet: String) throws {
        let pair = Pair()
        #expect(pair.toPeripheral(try bytes(packet)) == .close(.invalidHandshakePacket))
    }

    @Test func aStartWithoutSenderOrOfAnotherVersionEndsTheLink() throws {
        for packet in ["1900000000010200000000", "1901000000020200000000"] {
            let pair = Pair()
            #expect(pair.toPeripheral(try bytes(packet)) == .close(.invalidHandshakePacket))
        }
    }

    @Test func aRepeatedStartEndsTheLink() throws {
        let pair = Pair()
        let start = try #require(pair.start())
        _ = pair.toPeripheral(start)
        #expect(pair.toPeripheral(start) == .close(.invalidHandshakePacket))
        #expect(pair.start() == nil)
    }

    @Test func nothingIsSealedBeforeTheEnd() throws {
        let pair = Pair()
        #expect(pair.sealAtCentral(try bytes("00")) == nil)
        _ = pair.start()
        #expect(pair.sealAtCentral(try bytes("00")) == nil)
    }

    @Test func everyPacketSizeArrives() throws {
        let pair = Pair()
        try pair.establish()
        for count in AccessCipher.packetSizes {
            let piece = AttributeValue((0..<count).map { UInt8($0 * 17) })
            let down = try #require(pair.sealAtCentral(piece))
            #expect(down.count == count + 4)
            #expect(pair.toPeripheral(down) == .received(piece))
            let up = try #require(pair.sealAtPeripheral(piece))
            #expect(pair.toCentral(up) == .received(piece))
        }
    }

    @Test func anyFlippedBitIsNoticedAndChangesNothing() throws {
        let nonce = AccessNonce(first: 7, second: .max)
        var sender = AccessCipher(key: Key128(repeating: 5), nonce: nonce)
        var receiver = sender
        let piece = try bytes("0102030405")
        let sealed = sender.seal(piece, cipher: AES128.cipher)
        #expect(sender.nonce == AccessNonce(first: 7, second: 1))
        for bit in 0..<sealed.count * 8 {
            var wrong = sealed
            wrong[bit / 8] ^= 1 << (bit % 8)
            #expect(receiver.open(wrong, cipher: AES128.cipher) == nil)
        }
        #expect(receiver.nonce == nonce)
        #expect(receiver.open(sealed, cipher: AES128.cipher) == piece)
        #expect(receiver.nonce == sender.nonce)
    }

    @Test func packetsOfImpossibleLengthDoNotOpen() throws {
        var cipher = AccessCipher(key: .zero, nonce: AccessNonce(first: 0, second: 0))
        for count in [0, 1, 4, 21, 64] {
            #expect(cipher.open(AttributeValue(repeatElement(0, count: count)), cipher: AES128.cipher) == nil)
        }
    }
}

@Suite struct AccessRecoveryTests {
    private let deadData = "3d02000100deaddada00ff7733"

    @Test func aLostPacketLeadsToANewHandshake() throws {
        let pair = Pair()
        try pair.establish()
        let lost = try #require(pair.sealAtCentral(try bytes("aa")))
        let next = try #require(pair.sealAtCentral(try bytes("bb")))
        #expect(lost != next)
        #expect(pair.toPeripheral(next) == .broken(try bytes(deadData)))
        #expect(pair.peripheral.isBroken)
        #expect(pair.sealAtPeripheral(try bytes("00")) == nil)
        // The central cannot open DEAD_DATA either, and so learns of the loss; its own is dropped by the peripheral.
        let answer = pair.toCentral(try bytes(deadData))
        #expect(answer == .broken(try bytes("3d01000200deaddada00ff7733")))
        #expect(pair.toPeripheral(try bytes("3d01000200deaddada00ff7733")) == .ignored)
        try pair.establish()
        #expect(pair.peripheral.corruptedPackets == 0)
        let sealed = try #require(pair.sealAtPeripheral(try bytes("cc")))
        #expect(pair.toCentral(sealed) == .received(try bytes("cc")))
    }

    @Test func whatThePeripheralHadOnTheWayIsLeftOver() throws {
        let pair = Pair()
        try pair.establish()
        let onTheWay = try #require(pair.sealAtPeripheral(try bytes("dd")))
        #expect(pair.toCentral(try bytes("00112233445566")) != .ignored)
        let start = try #require(pair.start())
        #expect(pair.toCentral(onTheWay) == .ignored)
        #expect(pair.toCentral(try bytes(deadData)) == .ignored)
        // The peripheral learns of the loss by the central's DEAD_DATA, then accepts START.
        #expect(pair.toPeripheral(try bytes("3d01000200deaddada00ff7733")) == .broken(try bytes(deadData)))
        let anonce = try #require(pair.toPeripheral(start).sent)
        #expect(pair.toCentral(anonce).sent != nil)
    }

    @Test func theThirtySecondCorruptedPacketEndsTheLink() throws {
        let pair = Pair()
        try pair.establish()
        for _ in 1..<32 {
            #expect(pair.toPeripheral(try bytes("0102030405060708")) == .broken(try bytes(deadData)))
        }
        #expect(pair.toPeripheral(try bytes("0102030405060708")) == .close(.invalidPacket))
    }

    @Test func aFreshNonceIsAskedForWhereOneIsUsed() throws {
        let pair = Pair()
        #expect(pair.peripheral.needsNonce)
        #expect(!pair.central.needsNonce)
        let start = try #require(pair.start())
        #expect(pair.central.needsNonce)
        _ = pair.toPeripheral(start)
        #expect(!pair.peripheral.needsNonce)
    }
}
