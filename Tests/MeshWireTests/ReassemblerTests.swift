import ByteCoding
import MeshWire
import TestSupport
import Testing

@Suite
struct ReassemblerTests {
    let payloadSize = 20

    /// A piece of `size` bytes with its header.
    private func piece(_ counter: UInt8, isLast: Bool = false, size: Int = 20) -> FrameBytes {
        FrameBytes([isLast ? 17 : 16, counter] + (0..<size - 2).map { UInt8(counter &+ UInt8($0)) })
    }

    private func results(_ frames: [FrameBytes]) -> [Reassembler.Result] {
        var reassembler = Reassembler()
        return frames.map { reassembler.accept($0, payloadSize: payloadSize) }
    }

    @Test
    func unsplitMessagesPass() throws {
        let frame: FrameBytes = try inline("1804000200")
        #expect(results([frame]) == [.message(MessageBytes(frame.array))])
    }

    @Test
    func gapsDropTheWholeMessage() {
        #expect(
            results([piece(0), piece(2), piece(3), piece(4, isLast: true)])
                == [.incomplete, .dropped(.missingPiece), .ignored, .ignored]
        )
        #expect(results([piece(0), piece(0), piece(0), piece(2)]).last == .dropped(.missingPiece))
        #expect(results([piece(0), piece(1), piece(1)]).last == .dropped(.missingPiece))
    }

    @Test
    func piecesWithoutAStartAreDroppedOnce() {
        #expect(
            results([piece(3), piece(4), piece(5, isLast: true), piece(1, isLast: true)])
                == [.dropped(.missingPiece), .ignored, .ignored, .dropped(.missingPiece)]
        )
    }

    @Test
    func counterZeroStartsAfresh() {
        let expected = MessageBytes(piece(0).array.dropFirst(2) + piece(1, isLast: true, size: 5).array.dropFirst(2))
        #expect(
            results([piece(0), piece(1), piece(0), piece(1, isLast: true, size: 5)]).last == .message(expected)
        )
        #expect(
            results([piece(0), piece(2), piece(0), piece(1, isLast: true, size: 5)]).last == .message(expected)
        )
    }

    @Test
    func shortPiecesDropTheMessage() {
        #expect(
            results([piece(0), piece(1, size: 19), piece(2, isLast: true)])
                == [.incomplete, .dropped(.notFullSize), .ignored]
        )
        #expect(results([piece(0, size: 21)]) == [.dropped(.notFullSize)])
    }

    @Test
    func twoHundredBytesAreTheMost() {
        let full = (0..<11).map { piece(UInt8($0)) }
        guard case .message(let message) = results(full + [piece(11, isLast: true, size: 4)]).last else {
            Issue.record("200 bytes must pass")
            return
        }
        #expect(message.count == 200)
        #expect(results(full + [piece(11, isLast: true, size: 5)]).last == .dropped(.tooLong))
        #expect(results(full + [piece(11), piece(12)]).suffix(2) == [.dropped(.tooLong), .ignored])
    }

    @Test
    func tinyFramesAreDropped() throws {
        #expect(results([FrameBytes()]) == [.dropped(.tooShort)])
        #expect(results([try inline("18040002")]) == [.dropped(.tooShort)])
        #expect(results([try inline("10")]) == [.dropped(.tooShort)])
        #expect(results([try inline("110018040002")]) == [.dropped(.tooShort)])
        #expect(results([try inline("11001804000200")]) == [.message(try inline("1804000200"))])
    }

    @Test
    func anUnsplitMessageBetweenPiecesDoesNoHarm() throws {
        let frames = [piece(0), try inline("1804000200"), piece(1, isLast: true)]
        #expect(results(frames)[0] == .incomplete)
        guard case .message(let message) = results(frames)[2] else {
            Issue.record("the split message must be complete")
            return
        }
        #expect(message.count == 36)
    }

    @Test
    func resetForgetsPieces() {
        var reassembler = Reassembler()
        #expect(reassembler.accept(piece(0), payloadSize: payloadSize) == .incomplete)
        reassembler.reset()
        #expect(reassembler.accept(piece(1), payloadSize: payloadSize) == .dropped(.missingPiece))
    }

    @Test
    func randomFramesNeverTrap() {
        var generator = SplitMix.announced("randomFramesNeverTrap")
        var reassembler = Reassembler()
        var messages = 0
        for _ in 0..<200_000 {
            var bytes = generator.bytes(Int.random(in: 0...64, using: &generator))
            let payloadSize = Int.random(in: 3...64, using: &generator)
            if bytes.count > 2, Bool.random(using: &generator) {
                bytes[0] = Bool.random(using: &generator) ? 16 : 17
                bytes[1] = UInt8.random(in: 0...4, using: &generator)
            }
            let size = Bool.random(using: &generator) ? max(3, bytes.count) : payloadSize
            if case .message(let message) = reassembler.accept(FrameBytes(bytes), payloadSize: size) {
                messages += 1
                #expect((5...200).contains(message.count))
            }
        }
        #expect(messages > 0)
    }
}
