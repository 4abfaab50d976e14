import ByteCoding
import MeshWire

extension MeshJSON {
    /// A text in quotes, with what JSON does not allow inside escaped.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..."\u{1F}": result += "\\u00" + hex(UInt8(truncatingIfNeeded: scalar.value))
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// The text in a field of fixed width, up to the first zero byte.
    static func quoted<let size: Int>(_ text: FixedBytes<size>) -> String {
        quoted(String(decoding: text.array.prefix { $0 != 0 }, as: UTF8.self))
    }

    /// Bytes in base64, in quotes.
    static func base64<let capacity: Int>(_ bytes: InlineBytes<capacity>) -> String {
        "\"\(Base64.encode(bytes.array))\""
    }

    /// Numbers or objects in brackets.
    static func list(_ elements: some Sequence<String>) -> String { "[\(elements.joined(separator: ","))]" }

    /// A module: a decimal number, or a vendor id in quotes.
    static func module(_ module: ModuleIdentifier) -> String {
        switch module {
        case .plain(let id): "\(id.rawValue)"
        case .vendor(let id): "\"0x\(hex(id.rawValue))\""
        }
    }

    /// All digits of a number, upper case.
    static func hex(_ value: some FixedWidthInteger) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: value.bitWidth / 4 - digits.count) + digits
    }

    /// Bytes as upper-case digit pairs, separated by colons.
    static func colonHex(_ bytes: some Sequence<UInt8>) -> String { bytes.map { hex($0) }.joined(separator: ":") }

    /// An address, most significant byte first.
    static func address(_ address: BleGapAddress) -> String { colonHex((0..<6).reversed().map { address.byte($0) }) }
}
