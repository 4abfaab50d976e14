import ByteCoding
import MeshControl

/// Application data as people and programs see it: text if it is some, else hexadecimal.
enum PayloadText {
    /// The text of UTF-8 without control characters other than tabs and line ends; nil for anything else.
    static func text(_ bytes: [UInt8]) -> String? {
        guard !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let isPlain = text.unicodeScalars.allSatisfy {
            $0 == "\n" || $0 == "\r" || $0 == "\t" || $0.properties.generalCategory != .control
        }
        return isPlain ? text : nil
    }

    /// For people, in one line.
    static func line(_ bytes: [UInt8]) -> String {
        guard let text = text(bytes) else { return "hex " + Hex.encode(bytes) }
        var line = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line
    }

    /// Puts `text` or `hex` into an object for programs.
    static func append(_ bytes: [UInt8], to object: inout JSONObject) {
        if let text = text(bytes) {
            object.append("text", text: text)
        } else {
            object.append("hex", text: Hex.encode(bytes))
        }
    }
}
