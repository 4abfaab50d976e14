import Glibc
import GRDB

/// The database of a node's history, from the side that writes it.
///
/// A write-ahead log, flushed at each commit (`synchronous=FULL`): what was committed survives a power cut, and nothing that was
/// not committed is seen. `NORMAL` would flush at checkpoints only and so lose minutes; a flush costs the node nothing, for
/// ``HistoryWriter`` writes on a thread of its own, and little wear, for there is one for each batch.
public struct HistoryStore: Sendable {
    /// How much is kept; the oldest goes first, by order of writing and never by the clock, which may jump.
    public struct Limits: Sendable, Equatable {
        /// Rows of each table but `days`, 100...1000000.
        public var rows: Int
        /// Days with counters, 1...3650.
        public var days: Int

        /// Limits: by default about 3 MB.
        public init(rows: Int = 5000, days: Int = 400) {
            self.rows = rows
            self.days = days
        }
    }

    /// The file, beside which SQLite keeps `-wal` and `-shm`, which belong to it.
    public let path: String
    private let limits: Limits
    private let steps: [String]
    private var queue: DatabaseQueue?
    /// Is written again where a database is begun anew.
    private var boot: HistoryBoot?
    /// What there is to say of a file that was set aside, until somebody asks.
    private var notice: String?

    /// A store that is opened by the first write.
    public init(path: String, limits: Limits = Limits()) {
        self.init(path: path, limits: limits, steps: HistorySchema.steps)
    }

    init(path: String, limits: Limits, steps: [String]) {
        self.path = path
        self.limits = limits
        self.steps = steps
    }

    /// Writes a batch in one transaction: all of it, or nothing.
    ///
    /// A file that is broken or not ours is set aside as `PATH.aside`, in place of the one before, and a new one is begun.
    ///
    /// - Parameter changes: in order.
    /// - Throws: ``HistoryError`` if nothing was written; to be tried again.
    public mutating func write(_ changes: [HistoryChange]) throws(HistoryError) {
        do {
            do {
                try attempt(changes)
            } catch let error as DatabaseError where Self.meansBroken(error) {
                try setAside("is broken (\(error.message ?? "\(error.resultCode)"))")
                try attempt(changes)
            }
        } catch {
            // Whatever it was, the next attempt begins with opening.
            try? queue?.close()
            queue = nil
            throw HistoryError(path: path, error)
        }
    }

    /// What there is to say of a file that was set aside, once.
    public mutating func takeNotice() -> String? {
        defer { notice = nil }
        return notice
    }

    // MARK: - Opening

    private mutating func attempt(_ changes: [HistoryChange]) throws {
        let queue = try opened()
        try queue.writeWithoutTransaction { [boot, limits] database in
            try database.inTransaction(.immediate) {
                var writer = BatchWriter(database: database, limits: limits)
                try writer.write(changes, during: boot)
                return .commit
            }
        }
        for case .booted(let latest) in changes { boot = latest }
    }

    private mutating func opened() throws -> DatabaseQueue {
        if let queue { return queue }
        var found = try connect()
        if let fault = try found.inDatabase({ [steps] in try HistorySchema.fault($0, steps: steps) }) {
            try found.close()
            try setAside(fault)
            found = try connect()
        }
        try found.inDatabase { [steps] database in
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            try HistorySchema.migrate(database, steps: steps)
        }
        queue = found
        return found
    }

    private func connect() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "history"
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            // 64 pages of 4 kB are enough for rows that are only put behind each other; the log is folded in at 400 kB.
            try database.execute(
                sql: "PRAGMA cache_size = 64; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 100;"
            )
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    private mutating func setAside(_ fault: String) throws {
        try? queue?.close()
        queue = nil
        let aside = path + ".aside"
        // The log belongs to the file: without it somebody who mends the file would miss the latest rows.
        for suffix in ["-wal", "-shm", ""] {
            unlink(aside + suffix)
            if rename(path + suffix, aside + suffix) != 0, errno != ENOENT {
                throw HistoryError(text: "cannot set \(path) aside: \(String(cString: strerror(errno)))")
            }
        }
        notice = "\(path) \(fault); it is now \(aside), and a new history begins"
    }

    private static func meansBroken(_ error: DatabaseError) -> Bool {
        error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB
    }
}

/// Why a history cannot be written or read, in one line.
public struct HistoryError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The line.
    public let text: String
    /// The line.
    public var description: String { text }

    init(text: String) { self.text = text }

    init(path: String, _ error: any Error) {
        switch error {
        case let error as HistoryError: self = error
        case let error as DatabaseError:
            text = "\(path): \(error.message ?? "SQLite error \(error.resultCode.rawValue)")"
        default: text = "\(path): \(error)"
        }
    }
}
