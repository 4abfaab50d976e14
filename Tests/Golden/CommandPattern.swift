import MeshWire

/// Which typed lines a node of ours answers completely.
///
/// Decided by the words of the line alone.
enum CommandPattern {
    /// Modules whose answers are not claimed, by terminal name and number.
    private static let decodeOnlyModules: Set<String> = [
        "adv", "io", "ma", "1", "6", "10",
    ]
    /// The commands of `terminal_other.json` that are answered; everything else there is not claimed.
    private static let drivenOthers: Set<String> = [
        "get_modules", "rawsend", "component_act", "component_sense", "status", "update_iv",
    ]
    /// The modules of `terminal_other.json` that are answered; the last two do not exist, which is the answer.
    private static let drivenModules: Set<String> = ["node", "debug", "enroll", "beacon", "template"]

    /// Whether a line belongs to a module or command whose answer is not claimed in any file.
    static func isDecodeOnly(_ line: String) -> Bool {
        let words = line.split(separator: " ").map(String.init)
        return module(of: words).map(decodeOnlyModules.contains) == true
    }

    /// Whether a line of `terminal_other.json` is answered.
    static func isDrivenOther(_ line: String) -> Bool {
        guard !isDecodeOnly(line) else { return false }
        let words = line.split(separator: " ").map(String.init)
        return words.first.map(drivenOthers.contains) == true || module(of: words).map(drivenModules.contains) == true
    }

    private static func module(of words: [String]) -> String? {
        switch words.first {
        case "action", "set_config", "get_config", "set_active": words.count > 2 ? words[2] : nil
        default: nil
        }
    }
}
