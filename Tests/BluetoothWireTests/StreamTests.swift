import BluetoothWire
import ByteCoding
import TestSupport
import Testing

/// Streams and frames that arrive in pieces.
@Suite struct StreamTests {
    static let packets: [[UInt8]] = [
        [1, 0x03, 0x0C, 0], [4, 0x0E, 4, 1, 0x03, 0x0C, 0], [2, 0x40, 0x20, 3, 0, 9, 8, 7], [3, 1, 0, 1, 5],
        [5, 0, 0, 2, 0xC0, 1, 2],
    ]

    @Test(arguments: 1...9)
    func framerFindsThePacketsHoweverTheyAreCut(pieceSize: Int) {
        var framer = H4Framer()
        var found: [[UInt8]] = []
        let stream = Self.packets.flatMap { $0 }
        for start in stride(from: 0, to: stream.count, by: pieceSize) {
            framer.accept(stream[start..<min(start + pieceSize, stream.count)]) { found.append($0) }
        }
        #expect(found == Self.packets)
        #expect(!framer.isOutOfStep)
    }

    @Test func framerStopsAtAByteThatIsNoType() {
        var framer = H4Framer()
        var found = 0
        framer.accept([4, 0x10, 1, 0, 0x99, 4, 0x10, 1, 0]) { _ in found += 1 }
        #expect(found == 1)
        #expect(framer.isOutOfStep)
        framer.accept([4, 0x10, 1, 0]) { _ in found += 1 }
        #expect(found == 1)
    }

    @Test func framerRefusesAnEndlessPacket() {
        var framer = H4Framer()
        framer.accept([2, 0, 0, 0xFF, 0xFF]) { _ in Issue.record("no packet is complete") }
        #expect(framer.isOutOfStep)
    }

    @Test(arguments: [1, 5, 27, 192, 251])
    func framesSurviveEveryBufferSize(packetSize: Int) throws {
        let payload = (0..<200).map { UInt8($0) }
        let connection = ConnectionHandle(rawValue: 0x123)
        let packets = L2CAPFragments.packets(of: payload, to: 4, over: connection, packetSize: packetSize)
        #expect(packets.count == (204 + packetSize - 1) / packetSize)
        var reassembler = L2CAPReassembler()
        var outcomes: [L2CAPReassembler.Outcome] = []
        for packet in packets {
            let header = try ACLHeader(bytes: Array(packet[1...]))
            #expect(header.connection == connection)
            #expect(Int(header.length) == packet.count - 5 && Int(header.length) <= packetSize)
            outcomes.append(reassembler.accept(packet[5...], isContinuation: header.isContinuation))
        }
        #expect(outcomes.dropLast().allSatisfy { $0 == .incomplete })
        #expect(outcomes.last == .frame(channel: 4, payload: payload))
    }

    @Test func reassemblerDropsWhatDoesNotFit() {
        var reassembler = L2CAPReassembler()
        #expect(reassembler.accept([1, 2], isContinuation: true) == .dropped(.noBeginning))
        #expect(reassembler.accept([9, 0, 4, 0, 1], isContinuation: false) == .incomplete)
        #expect(reassembler.accept([2, 0, 4, 0, 1], isContinuation: false) == .dropped(.cutShort))
        #expect(reassembler.accept([7], isContinuation: true) == .frame(channel: 4, payload: [1, 7]))
        #expect(reassembler.accept([1, 0, 4, 0, 1, 2], isContinuation: false) == .dropped(.trailingBytes))
        #expect(reassembler.accept([1], isContinuation: true) == .dropped(.noBeginning))
        #expect(reassembler.accept([9, 3, 4, 0], isContinuation: false) == .dropped(.tooLong))
        #expect(reassembler.accept([0, 0, 6, 0], isContinuation: false) == .frame(channel: 6, payload: []))
    }

    @Test(arguments: [4 as UInt64, 5])
    func randomPiecesNeverTrap(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var reassembler = L2CAPReassembler()
        for _ in 0..<50_000 {
            let piece = random.bytes(atMost: 12)
            if case .frame(_, let payload) = reassembler.accept(piece[...], isContinuation: random.below(3) > 0) {
                #expect(payload.count <= L2CAPReassembler.frameMax)
            }
            var framer = H4Framer()
            framer.accept(piece) { #expect($0.count <= piece.count) }
        }
    }
}
