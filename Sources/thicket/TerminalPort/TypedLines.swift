/// Cuts what is typed into lines, which end with CR (protocol §11.1); LF ends them too, so that CR LF is one end and an empty line.
///
/// Of a line that is longer than a node reads, one byte too many is kept: enough for the terminal to refuse it.
struct TypedLines {
    /// Longest line that a node reads, in bytes.
    static let lengthMax = 300

    private var waiting: ArraySlice<UInt8> = []
    private var line: [UInt8] = []

    /// Bytes that are not looked at yet.
    var backlog: Int { waiting.count }

    /// Takes what was typed.
    mutating func add(_ bytes: some Sequence<UInt8>) { waiting += bytes }

    /// Input ended: what was typed last is a line, too.
    mutating func end() { waiting.append(UInt8(ascii: "\n")) }

    /// The next line that is whole, without its end; empty lines are left out, nil if there is none.
    mutating func next() -> String? {
        while let byte = waiting.popFirst() {
            if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") {
                guard !line.isEmpty else { continue }
                defer { line = [] }
                return String(decoding: line, as: UTF8.self)
            }
            if line.count <= Self.lengthMax { line.append(byte) }
        }
        waiting = []
        return nil
    }
}
