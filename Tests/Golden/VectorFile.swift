import FoundationEssentials
import Testing

/// One vector file as recorded.
struct VectorFile {
    var name: String
    var cases: [JSONValue]

    /// Where the files are: `THICKET_VECTORS`, or beside this source.
    static var directory: String {
        ProcessInfo.processInfo.environment["THICKET_VECTORS"] ?? String(#filePath.prefix(upTo: pathEnd))
    }

    /// All vector files of the directory, by name.
    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".json") }.sorted()
    }

    /// Reads a file; a count other than the number of cases, or no case at all, is an error.
    init(named name: String) throws {
        let data = try Data(contentsOf: URL(filePath: Self.directory).appending(path: name))
        let document = try JSONDecoder().decode(JSONValue.self, from: data)
        self.name = name
        cases = try document.array("cases")
        let count = try document.integer("count", as: Int.self)
        guard count == cases.count, count > 0 else {
            throw VectorError(description: "\(name) promises \(count) cases and has \(cases.count)")
        }
    }

    private static var pathEnd: String.Index {
        #filePath.lastIndex(of: "/") ?? #filePath.endIndex
    }
}
