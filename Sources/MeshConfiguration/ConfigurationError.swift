/// What is wrong in a file that a person wrote, in one line that names the place and the way out.
///
/// `hall.yaml:7: key 'nodes.count': out of range: 0; allowed: 1...100000`
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file as the caller named it.
    public var file: String
    /// Line in the file, from 1; nil if the file as a whole is meant.
    public var line: Int?
    /// Key path such as `nodes.count` or `timeline[2].at`; nil if no key is concerned.
    public var key: String?
    /// What is wrong.
    public var problem: String
    /// What would be right; empty if ``problem`` says all.
    public var allowed: String

    /// An error at a place.
    public init(file: String, line: Int? = nil, key: String? = nil, problem: String, allowed: String = "") {
        self.file = file
        self.line = line
        self.key = key
        self.problem = problem
        self.allowed = allowed
    }

    /// The whole error in one line.
    public var description: String {
        file + (line.map { ":\($0)" } ?? "") + ": " + message
    }

    /// The error in one line, without the place in the file.
    public var message: String {
        var text = key.map { "key '\($0)': " } ?? ""
        text += problem
        if !allowed.isEmpty { text += "; allowed: \(allowed)" }
        // Keys and values come from outside: whatever they hold, it stays one line.
        return String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : $0 })
        )
    }
}
