import GRDB
import Glibc
import Testing

/// A folder for databases that is gone when nobody holds it any more.
final class HistoryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/thicket-history-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// Path of the database in it.
    var database: String { path + "/node-7.sqlite" }

    /// What is in it, by name.
    var names: [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func write(_ name: String, _ text: String) throws {
        let file = try #require(fopen("\(path)/\(name)", "w"))
        defer { fclose(file) }
        try #require(fputs(text, file) >= 0)
    }

    /// Runs SQL on the database, as another program does.
    func run(_ sql: String) throws {
        try DatabaseQueue(path: database).inDatabase { try $0.execute(sql: sql) }
    }

    /// One value of the database.
    func value(_ sql: String) throws -> Int64? {
        try DatabaseQueue(path: database).inDatabase { try Int64.fetchOne($0, sql: sql) }
    }

    /// What SQLite finds wrong with the database, `ok` for nothing.
    func integrity() throws -> String {
        try DatabaseQueue(path: database).inDatabase { database in
            try String.fetchAll(database, sql: "PRAGMA integrity_check").joined(separator: "; ")
        }
    }
}
