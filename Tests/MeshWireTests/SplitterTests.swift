import ByteCoding
import MeshWire
import Testing

@Suite
struct SplitterTests {
    private func frames(_ message: MessageBytes, _ payloadSize: Int) -> [FrameBytes] {
        var splitter = Splitter(message, payloadSize: payloadSize)
        var frames: [FrameBytes] = []
        while let frame = splitter.nextFrame() {
            frames.append(frame)
        }
        #expect(frames.count == splitter.frameCount)
        return frames
    }

    @Test
    func recordedMessagesAreCutAndPutTogether() throws {
        let cases = try Vectors.cases("split_packets")
        #expect(!cases.isEmpty)
        for entry in cases {
            let payloadSize = try #require(entry["max_fragment_bytes"]?.number)
            let message = MessageBytes(try bytes(try #require(entry["message"]?.text)))
            let expected = try #require(entry["fragments"]).list.compactMap(\.text)
            let frames = frames(message, payloadSize)
            #expect(frames.map { $0.description } == expected)
            var reassembler = Reassembler()
            for frame in frames.dropLast() {
                #expect(reassembler.accept(frame, payloadSize: payloadSize) == .incomplete)
            }
            #expect(reassembler.accept(try #require(frames.last), payloadSize: payloadSize) == .message(message))
        }
    }

    @Test
    func documentedExample() throws {
        let payload = String(repeating: "91", count: 62)
        let message = MessageBytes(try bytes("3301000200000005\(payload)"))
        let frames = frames(message, 60)
        #expect(frames.count == 2)
        #expect(frames[0].description == "10003301000200000005" + String(repeating: "91", count: 50))
        #expect(frames[1].description == "1101" + String(repeating: "91", count: 12))
        #expect(Splitter.frameCount(length: 200, payloadSize: 60) == 4)
        #expect(Splitter.frameCount(length: 200, payloadSize: 20) == 12)
        #expect(Splitter.frameCount(length: 200, payloadSize: 16) == 15)
    }

    @Test
    func everyLengthAndPayloadSizeComesBack() {
        for payloadSize in 3...64 {
            for length in 5...200 {
                let message = MessageBytes((0..<length).map { UInt8(100 + $0 % 100) })
                let frames = frames(message, payloadSize)
                #expect(frames.dropLast().allSatisfy { $0.count == payloadSize })
                var reassembler = Reassembler()
                var result = Reassembler.Result.incomplete
                for frame in frames {
                    #expect(result == .incomplete)
                    result = reassembler.accept(frame, payloadSize: payloadSize)
                }
                #expect(result == .message(message))
                #expect(reassembler == Reassembler())
            }
        }
    }

    @Test
    func payloadSizeOutsideItsRangeIsAProgrammerError() async {
        await #expect(processExitsWith: .failure) { _ = Splitter(MessageBytes(), payloadSize: 2) }
        await #expect(processExitsWith: .failure) { _ = Splitter(MessageBytes(), payloadSize: 65) }
    }
}
