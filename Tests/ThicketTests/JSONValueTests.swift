import FoundationEssentials
import MeshControl
import Testing

@testable import thicket

/// Lines that other programs read.
@Suite struct JSONValueTests {
    @Test func keysKeepTheirOrder() {
        var object = JSONObject(kind: "run")
        object.append("z", integer: 1)
        object.append("a", .null)
        object.append("list", .list([true, "x", 3]))
        #expect(object.line == #"{"schema":1,"kind":"run","z":1,"a":null,"list":[true,"x",3]}"#)
    }

    @Test(arguments: [
        (0.0, "0"), (15.65, "15.65"), (0.1 + 0.2, "0.3"), (1.0 / 3, "0.333333"), (-2.5, "-2.5"), (-0.0000001, "0"),
        (1e6, "1000000"), (.nan, "null"), (.infinity, "null"),
    ])
    func numbersAreShort(value: Double, text: String) {
        let object: JSONObject = ["n": .number(value)]
        #expect(object.line == "{\"n\":\(text)}")
    }

    @Test(
        arguments: [
            (0, "0"), (15_650_000, "15.65"), (1, "0.000001"), (60_000_000, "60"), (100, "0.0001"),
        ] as [(UInt64, String)]
    )
    func secondsAreExact(microseconds: UInt64, text: String) {
        #expect(DecimalText.seconds(microseconds) == text)
    }

    @Test(
        arguments: [(2.345, 2, "2.35"), (2, 2, "2.00"), (-1.26, 1, "-1.3"), (7.5, 0, "8")] as [(Double, Int, String)]
    )
    func columnsHaveFixedDecimals(value: Double, decimals: Int, text: String) {
        #expect(DecimalText.fixed(value, decimals) == text)
    }

    @Test func everyTextSurvives() throws {
        let text = "quote \" back \\ line \n\r\t bell \u{07} ä 😀"
        let object: JSONObject = ["t": .text(text)]
        #expect(!object.line.contains("\n"))
        let decoded = try JSONDecoder().decode([String: String].self, from: Data(object.line.utf8))
        #expect(decoded["t"] == text)
    }
}
