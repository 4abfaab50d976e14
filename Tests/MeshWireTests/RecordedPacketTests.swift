import ByteCoding
import MeshWire
import Testing

@Suite
struct RecordedPacketTests {
    let packets: [Vectors.Packet]

    init() throws {
        packets = try Vectors.packets()
    }

    @Test
    func thereAreManyPackets() {
        #expect(packets.count > 300)
    }

    @Test
    func decodingAndEncodingGivesTheSameBytes() throws {
        for packet in packets {
            let message = try MeshMessage(bytes: packet.bytes)
            #expect(try message.encoded().array == packet.bytes, "\(packet.file) \(Hex.encode(packet.bytes))")
            if case .extended = message {
                Issue.record("bytes left over in \(packet.file) \(Hex.encode(packet.bytes))")
            }
        }
    }

    @Test
    func headersAreReadAsTheReferenceReadsThem() throws {
        for packet in packets {
            let number = { (key: String) in packet.decoded[key]?.number }
            guard packet.bytes[0] != 16, packet.bytes[0] != 17 else {
                let fragment = try SplitFragment(bytes: packet.bytes)
                #expect(number("splitCounter") == Int(fragment.counter))
                #expect(packet.decoded["fragment"]?.text == Hex.encode(fragment.piece.array))
                continue
            }
            let header = try MessageHeader(bytes: packet.bytes)
            #expect(number("messageType") == Int(header.type.rawValue))
            #expect(number("sender") == Int(header.sender.rawValue))
            #expect(number("receiver") == Int(header.receiver.rawValue))
            guard let action = number("actionType") else { continue }
            let module = try ModuleHeader(bytes: packet.bytes)
            #expect(Int(module.actionType) == action)
            #expect(number("requestHandle") == Int(module.requestHandle))
            #expect(packet.decoded["payload"]?.text == Hex.encode(packet.bytes.dropFirst(module.encodedSize)))
            switch module.module {
            case .plain(let id): #expect(number("moduleId") == Int(id.rawValue))
            case .vendor(let id):
                let digits = Hex.encode(UInt64(id.rawValue)).suffix(8).uppercased()
                #expect(packet.decoded["vendorModuleId"]?.text == "0x\(digits)")
            }
        }
    }

    @Test
    func everyShorterPrefixDecodesOrThrows() {
        for packet in packets {
            for length in 0..<packet.bytes.count {
                expectDecodesFaithfullyOrThrows(Array(packet.bytes.prefix(length)))
            }
        }
    }

    @Test
    func everyBitFlipDecodesOrThrows() {
        for packet in packets {
            for bit in 0..<packet.bytes.count * 8 {
                var flipped = packet.bytes
                flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                expectDecodesFaithfullyOrThrows(flipped)
            }
        }
    }

    private func expectDecodesFaithfullyOrThrows(_ bytes: [UInt8]) {
        guard let message = try? MeshMessage(bytes: bytes) else { return }
        let encoded = (try? message.encoded())?.array
        if encoded != bytes {
            Issue.record("\(Hex.encode(bytes)) became \(Hex.encode(encoded ?? []))")
        }
    }

    @Test
    func everyRecordedActionHasItsType() throws {
        var generic: [String] = []
        for packet in packets {
            if case .module(let message) = try MeshMessage(bytes: packet.bytes), case .generic = message.content {
                generic.append(Hex.encode([packet.bytes[0]] + packet.bytes[5...7]))
            }
        }
        #expect(generic == [])
    }

    @Test
    func clusterMessagesHaveTheFieldsTheReferenceSaw() throws {
        for packet in packets {
            let number = { (key: String) in packet.decoded[key]?.number }
            switch try MeshMessage(bytes: packet.bytes) {
            case .clusterWelcome(let message):
                #expect(number("clusterId") == Int(message.cluster.rawValue))
                #expect(number("clusterSize") == Int(message.clusterSize))
                #expect(number("meshWriteHandle") == Int(message.meshWriteHandle))
                #expect(number("hopsToSink") == Int(message.hopsToSink))
                #expect(number("networkId") == message.network.map { Int($0.rawValue) })
            case .clusterInfoUpdate(let message):
                #expect(number("clusterSizeChange") == Int(message.sizeChange))
                #expect(number("connectionMasterBitHandover") == (message.masterBitHandover ? 1 : 0))
                #expect(number("counter") == Int(message.counter))
            case .encryptCustomStart(let message):
                #expect(number("fmKeyId") == Int(message.fmKeyID.rawValue))
                #expect(number("tunnelType") == Int(message.tunnelType.rawValue))
            case .encryptCustomANonce(let message):
                #expect(packet.decoded["anonce"]?.list.map(\.number) == [Int(message.nonce0), Int(message.nonce1)])
            case .timeSync(let message):
                guard case .initial(let time, let counter) = message.phase else { continue }
                #expect(number("syncTimeStamp") == Int(time.syncTime))
                #expect(number("timeSinceSyncTimeStamp") == Int(time.timeSinceSync))
                #expect(number("additionalTicks") == Int(time.additionalTicks))
                #expect(number("offset") == Int(time.offset))
                #expect(number("counter") == Int(counter))
            default: continue
            }
        }
    }
}
