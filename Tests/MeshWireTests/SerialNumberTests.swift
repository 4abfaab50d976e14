import ByteCoding
import MeshWire
import Testing

@Suite
struct SerialNumberTests {
    @Test(
        arguments: [
            (0, "BBBBB"), (1, "BBBBC"), (30, "BBBCB"), (2_673_000, "FMBBB"), (2_699_999, "FM999"),
            (24_299_999, "99999"), (24_300_000, "BCBBBBB"), (2_147_483_647, "D8PJQ8K"),
            (2_166_784_000, "D9HCK3N"), (2_166_816_767, "D9HDSHW"),
        ] as [(UInt32, String)]
    )
    func documentedNumbers(index: UInt32, text: String) throws {
        #expect(SerialNumber(index).text == text)
        #expect(try SerialNumber(parsing: text) == SerialNumber(index))
    }

    @Test
    func recordedIndexes() throws {
        let cases = try Vectors.cases("serial_number_from_index")
        #expect(!cases.isEmpty)
        for entry in cases {
            let index = UInt32(try #require(entry["index"]?.number))
            let text = SerialNumber(index).text
            #expect(text == entry["serial"]?.text)
            #expect(text.count == entry["returnValue"]?.number)
            #expect(outcome(text) == Outcome(entry, index: "backIndex", error: "backError"))
        }
    }

    @Test
    func recordedTexts() throws {
        let cases = try Vectors.cases("serial_number_parse")
        #expect(!cases.isEmpty)
        for entry in cases {
            let text = try #require(entry["serial"]?.text)
            #expect(outcome(text) == Outcome(entry, index: "index", error: "error"), "\(text)")
        }
    }

    @Test
    func everyByteOutsideTheAlphabetIsRefused() {
        let alphabet = Set("BCDFGHJKLMNPQRSTVWXYZ123456789".utf8)
        for byte in UInt8(0x20)..<0x7F {
            let text = "F" + String(decoding: [byte], as: UTF8.self)
            let isAccepted = (try? SerialNumber(parsing: text)) != nil
            #expect(isAccepted == alphabet.contains(byte), "\(text)")
        }
        #expect(throws: CodingError.invalidField("serialNumber", value: 0xC3)) { try SerialNumber(parsing: "É") }
    }

    struct Outcome: Equatable {
        var index: UInt32
        var isError: Bool

        init(index: UInt32, isError: Bool) {
            self.index = index
            self.isError = isError
        }

        init?(_ entry: JSON, index: String, error: String) {
            guard let index = entry[index]?.number, let isError = entry[error]?.bool else { return nil }
            self.init(index: UInt32(index), isError: isError)
        }
    }

    private func outcome(_ text: String) -> Outcome {
        if let serial = try? SerialNumber(parsing: text) {
            Outcome(index: serial.rawValue, isError: false)
        } else {
            Outcome(index: SerialNumber.invalid.rawValue, isError: true)
        }
    }
}
