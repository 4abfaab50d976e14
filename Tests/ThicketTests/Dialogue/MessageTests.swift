import MeshConfiguration
import MeshControl
import MeshWire
import Testing

@testable import thicket

/// What people and programs write and read.
@Suite struct MessageTests {
    @Test func textIsTextAndTheRestIsHexadecimal() {
        #expect(PayloadText.line(Array("grüße\tan\nalle".utf8)) == "grüße\\tan\\nalle")
        for bytes: [UInt8] in [[], [0], [0x1B, 0x5B], [0xFF], [0xC2, 0x9B], [0x41, 0x7F]] {
            #expect(PayloadText.text(bytes) == nil)
        }
        #expect(PayloadText.line([0x1B, 0x41]) == "hex 1b41")
        var object: JSONObject = [:]
        PayloadText.append([0xFF], to: &object)
        PayloadText.append(Array("a\n".utf8), to: &object)
        #expect(object.line == #"{"hex":"ff","text":"a\n"}"#)
    }

    @Test(
        arguments: [
            ("a.txt", "a.txt"), ("../../etc/passwd", "_._.._etc_passwd"), (".bashrc", "_bashrc"), ("", "file"),
            ("..", "_."), ("a\u{0}b\n", "a_b_"), ("/", "_"),
        ] as [(String, String)]
    )
    func namesOfFilesStayInTheirFolder(name: String, harmless: String) {
        #expect(SavedFiles.harmless(name) == harmless)
    }

    @Test func namesakesAreNumbered() {
        #expect(SavedFiles.numbered("a.tar.gz", 0) == "a.tar.gz")
        #expect(SavedFiles.numbered("a.tar.gz", 2) == "a.tar-2.gz")
        #expect(SavedFiles.numbered("_bashrc", 3) == "_bashrc-3")
    }

    @Test(arguments: [(71, 17), (18, 17), (200, 20), (9, 8)] as [(UInt16, UInt16)])
    func theNodeThatMayBeMeantIsNamed(written: UInt16, meant: UInt16) {
        let nodes: Set<NodeID> = [NodeID(3), NodeID(8), NodeID(17), NodeID(20)]
        #expect(SimilarNumber.closest(to: NodeID(written), among: nodes) == NodeID(meant))
    }

    @Test func nobodyIsMeantWhereNobodyIs() { #expect(SimilarNumber.closest(to: NodeID(7), among: []) == nil) }

    // MARK: - Lines of programs

    @Test func linesAreOrders() throws {
        let text = try SendStream.order(#"{"to":7,"text":"hé","confirm":false,"id":3}"#)
        #expect(text.target == MeshTarget("7") && text.content == [0x68, 0xC3, 0xA9] && text.confirm == false)
        let hex = try SendStream.order(#"{"to":"all","hex":"01fF"}"#)
        #expect(hex.target == MeshTarget("all") && hex.content == [1, 255] && hex.confirm == nil)
        let long = String(repeating: "x", count: Send.messageBytesMax)
        #expect(try SendStream.order(#"{"to":7,"text":"\#(long)"}"#).content.count == Send.messageBytesMax)
    }

    @Test(
        arguments: [
            "", "7", "[]", #"{"text":"a"}"#, #"{"to":7}"#, #"{"to":7,"text":"a","hex":"00"}"#, #"{"to":7,"text":""}"#,
            #"{"to":7,"text":5}"#, #"{"to":7,"hex":"0"}"#, #"{"to":0,"text":"a"}"#, #"{"to":[7],"text":"a"}"#,
            #"{"to":"all","text":"a","confirm":true}"#, #"{"to":7,"text":"a","volume":3}"#,
        ]
    )
    func otherLinesAreRefused(line: String) {
        #expect(throws: ConfigurationError.self) { try SendStream.order(line) }
    }
}
