import BluetoothHost
import BluetoothWire
import TestSupport
import Testing

@Suite struct PacketCreditsTests {
    private let first = ConnectionHandle(rawValue: 0x40)
    private let second = ConnectionHandle(rawValue: 0x41)

    private func handle(_ packet: [UInt8]?) -> UInt16? {
        packet.map { UInt16($0[1]) | UInt16($0[2] & 0x0F) << 8 }
    }

    @Test func noMorePacketsThanBuffersAreHandedOut() {
        var credits = PacketCredits(packetSize: 27, count: 2)
        credits.open(first)
        same(credits.append([UInt8](repeating: 1, count: 60), to: 4, over: first, isReported: true), true)
        same(credits.next()?.count, 32)
        same(credits.next()?.count, 32)
        same(credits.next(), nil)
        same(credits.completed(first, 2), 0)
        same(credits.next()?.count, 15)
        same(credits.completed(first, 1), 1)
        #expect(credits.free == 2)
    }

    @Test func linksTakeTurns() {
        var credits = PacketCredits(packetSize: 27, count: 4)
        credits.open(first)
        credits.open(second)
        for _ in 0..<3 { same(credits.append([1], to: 4, over: first, isReported: false), true) }
        same(credits.append([2], to: 4, over: second, isReported: false), true)
        let order = (0..<4).map { _ in handle(credits.next()) }
        #expect(order == [0x40, 0x41, 0x40, 0x40])
    }

    @Test func aLinkThatEndsGivesItsBuffersBack() {
        var credits = PacketCredits(packetSize: 27, count: 1)
        credits.open(first)
        credits.open(second)
        same(credits.append([1], to: 4, over: first, isReported: true), true)
        same(credits.append([2], to: 4, over: second, isReported: true), true)
        same(handle(credits.next()), 0x40)
        same(credits.next(), nil)
        credits.close(first)
        same(handle(credits.next()), 0x41)
        same(credits.append([3], to: 4, over: first, isReported: true), false)
        // A late report about the link that is gone changes nothing.
        same(credits.completed(first, 1), 0)
        #expect(credits.free == 0)
    }

    @Test func aControllerThatCountsWronglyCannotCreateBuffers() {
        var credits = PacketCredits(packetSize: 27, count: 2)
        credits.open(first)
        same(credits.append([1], to: 4, over: first, isReported: true), true)
        _ = credits.next()
        same(credits.completed(first, 9), 1)
        #expect(credits.free == 2)
        #expect(credits.excess == 8)
    }

    @Test func waitingFramesAreBounded() {
        var credits = PacketCredits(packetSize: 27, count: 1)
        credits.open(first)
        for _ in 0..<PacketCredits.framesMax {
            same(credits.append([UInt8](repeating: 0, count: 40), to: 4, over: first, isReported: false), true)
        }
        same(credits.append([0], to: 4, over: first, isReported: false), false)
        _ = credits.next()
        same(credits.completed(first, 1), 0)
        same(credits.append([0], to: 4, over: first, isReported: false), false)
        _ = credits.next()
        same(credits.append([0], to: 4, over: first, isReported: false), true)
    }

    /// Whatever happens in whatever order: buffers are neither lost nor created, frames stay whole and in order.
    @Test(arguments: [21 as UInt64, 22, 23, 24])
    func buffersAreConserved(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let count = 1 + random.below(5)
        let packetSize = [27, 192, 251][random.below(3)]
        var credits = PacketCredits(packetSize: packetSize, count: count)
        var held: [UInt16: Int] = [:]
        var reassemblers: [UInt16: L2CAPReassembler] = [:]
        for step in 0..<20_000 {
            let connection = ConnectionHandle(rawValue: UInt16(1 + random.below(4)))
            let number = connection.rawValue
            switch random.below(8) {
            case 0:
                if held[number] == nil {
                    credits.open(connection)
                    held[number] = 0
                    reassemblers[number] = L2CAPReassembler()
                }
            case 1 where random.below(4) == 0:
                credits.close(connection)
                held[number] = nil
            case 2, 3, 4:
                let payload = random.bytes(atMost: 120)
                let taken = credits.append(payload, to: 4, over: connection, isReported: random.below(2) == 0)
                #expect(held[number] != nil || !taken)
            case 5, 6:
                guard let packet = credits.next(), let number = handle(packet) else { continue }
                held[number, default: 0] += 1
                #expect(packet.count <= packetSize + 5)
                let outcome = reassemblers[number]?.accept(packet[5...], isContinuation: packet[2] & 0x30 != 0)
                if case .dropped(let fault) = outcome { Issue.record("seed \(seed), step \(step): \(fault)") }
            default:
                guard let count = held[number], count > 0 else { continue }
                let done = 1 + random.below(count)
                let out = credits.completed(connection, done)
                #expect(out <= done)
                held[number] = count - done
            }
            #expect(credits.free + held.values.reduce(0, +) == count, "seed \(seed), step \(step)")
        }
    }
}
