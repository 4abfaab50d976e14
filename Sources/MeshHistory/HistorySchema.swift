import GRDB

/// The tables, and how a database of an earlier version becomes one of this.
///
/// | table        | one row for each                                                             |
/// |--------------|------------------------------------------------------------------------------|
/// | `boots`      | boot of the node; `last_wall_ms` and `uptime_ms` move on while it is up      |
/// | `losses`     | end of a mesh link                                                           |
/// | `formations` | way from alone to together                                                   |
/// | `clusters`   | change of the cluster's id or size                                           |
/// | `jumps`      | jump of the clock                                                            |
/// | `days`       | day (UTC), with counters                                                     |
///
/// `wall_ms` are milliseconds since 1970 as the clock said then, `uptime_ms` those since the boot. Row ids grow without gaps, so
/// that the newest rows are those with the highest ids, whatever the clock does.
enum HistorySchema {
    /// Marks a database as ours: "Thkt".
    static let application: Int32 = 0x54_68_6B_74

    /// Step N makes version N of N - 1; steps that have been released are never changed.
    static let steps = [
        """
        CREATE TABLE boots (
            id INTEGER PRIMARY KEY, node INTEGER NOT NULL, network INTEGER NOT NULL, version TEXT NOT NULL,
            reason INTEGER NOT NULL, wall_ms INTEGER NOT NULL, machine_ms INTEGER NOT NULL,
            last_wall_ms INTEGER NOT NULL, uptime_ms INTEGER NOT NULL, ended TEXT
        );
        CREATE TABLE losses (
            id INTEGER PRIMARY KEY, boot INTEGER NOT NULL, number INTEGER NOT NULL, wall_ms INTEGER NOT NULL,
            uptime_ms INTEGER NOT NULL, partner INTEGER NOT NULL, reason TEXT NOT NULL, wanted INTEGER NOT NULL,
            age_ms INTEGER NOT NULL, outcome TEXT, after_ms INTEGER
        );
        CREATE INDEX losses_of_boots ON losses (boot, number);
        CREATE TABLE formations (
            id INTEGER PRIMARY KEY, boot INTEGER NOT NULL, wall_ms INTEGER NOT NULL, uptime_ms INTEGER NOT NULL,
            cause TEXT NOT NULL, duration_ms INTEGER NOT NULL, size INTEGER NOT NULL, expected INTEGER,
            outcome TEXT NOT NULL
        );
        CREATE TABLE clusters (
            id INTEGER PRIMARY KEY, boot INTEGER NOT NULL, wall_ms INTEGER NOT NULL, uptime_ms INTEGER NOT NULL,
            cluster INTEGER NOT NULL, size INTEGER NOT NULL
        );
        CREATE TABLE jumps (
            id INTEGER PRIMARY KEY, boot INTEGER NOT NULL, wall_ms INTEGER NOT NULL, uptime_ms INTEGER NOT NULL,
            by_ms INTEGER NOT NULL
        );
        CREATE INDEX jumps_of_boots ON jumps (boot);
        CREATE TABLE days (
            id INTEGER PRIMARY KEY, day INTEGER NOT NULL UNIQUE, up_ms INTEGER NOT NULL DEFAULT 0,
            links INTEGER NOT NULL DEFAULT 0, losses INTEGER NOT NULL DEFAULT 0, closed INTEGER NOT NULL DEFAULT 0,
            reestablished INTEGER NOT NULL DEFAULT 0, formations INTEGER NOT NULL DEFAULT 0
        );
        """
    ]

    /// What is wrong with a database, in words that go behind its path; nil if it can be used.
    static func fault(_ database: Database, steps: [String]) throws -> String? {
        let version = try number("user_version", database)
        if try number("application_id", database) != Int64(application) {
            let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            return tables == 0 && version == 0 ? nil : "belongs to another program"
        }
        guard version <= steps.count else { return "was written by a newer thicketd" }
        let verdict = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? ""
        return verdict == "ok" ? nil : "is broken (\(verdict.prefix(80)))"
    }

    /// Brings a database to the version of the steps, all or nothing.
    static func migrate(_ database: Database, steps: [String]) throws {
        let version = Int(try number("user_version", database))
        guard version < steps.count else { return }
        try database.inTransaction(.immediate) {
            for step in steps[version...] { try database.execute(sql: step) }
            try database.execute(sql: "PRAGMA application_id = \(application); PRAGMA user_version = \(steps.count)")
            return .commit
        }
    }

    /// The version of a database, which may be that of a newer program; throws ``DatabaseError`` if it is none.
    static func number(_ pragma: String, _ database: Database) throws -> Int64 {
        try Int64.fetchOne(database, sql: "PRAGMA \(pragma)") ?? 0
    }
}
