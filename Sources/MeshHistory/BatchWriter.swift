import GRDB

/// Writes changes as rows, within the transaction of whoever made it.
struct BatchWriter {
    private let database: Database
    private let limits: HistoryStore.Limits
    private var boot: Int64?

    init(database: Database, limits: HistoryStore.Limits) {
        self.database = database
        self.limits = limits
    }

    /// Writes a batch and takes away what is too much.
    ///
    /// - Parameters:
    ///   - changes: in order.
    ///   - current: the boot that they go on; its row is made again if the database has none.
    /// - Throws: what SQLite says.
    mutating func write(_ changes: [HistoryChange], during current: HistoryBoot?) throws {
        boot = try Int64.fetchOne(database, sql: "SELECT max(id) FROM boots")
        if boot == nil, let current { try insert(current) }
        for change in changes { try write(change) }
        try trim()
    }

    private mutating func write(_ change: HistoryChange) throws {
        if case .booted(let row) = change { return try insert(row) }
        // Rows without a boot have no time that means anything.
        guard let boot else { return }
        switch change {
        case .booted: break
        case .alive(let time): try alive(time, boot)
        case .ended(let end, let time):
            try alive(time, boot)
            try run("UPDATE boots SET ended = ? WHERE id = ?", [end.rawValue, boot])
        case .linked(let time): try count("links", time)
        case .lost(let loss): try insert(loss, boot)
        case .resolved(let number, let outcome, let after):
            try run(
                "UPDATE losses SET outcome = ?, after_ms = ? WHERE boot = ? AND number = ?",
                [outcome.rawValue, after, boot, number]
            )
            guard outcome == .reestablished else { return }
            // The day of the loss, so that of the losses of a day no more than all can be back.
            let wall = try Int64.fetchOne(
                database,
                sql: "SELECT wall_ms FROM losses WHERE boot = ? AND number = ?",
                arguments: [boot, number]
            )
            if let wall { try count("reestablished", HistoryTime(wall: wall, uptime: 0)) }
        case .formed(let formation): try insert(formation, boot)
        case .cluster(let id, let size, let time):
            try run(
                "INSERT INTO clusters (boot, wall_ms, uptime_ms, cluster, size) VALUES (?, ?, ?, ?, ?)",
                [boot, time.wall, time.uptime, Int64(id), size]
            )
        case .clockJumped(let by, let time):
            try run(
                "INSERT INTO jumps (boot, wall_ms, uptime_ms, by_ms) VALUES (?, ?, ?, ?)",
                [boot, time.wall, time.uptime, by]
            )
        }
    }

    private mutating func insert(_ row: HistoryBoot) throws {
        try run(
            """
            INSERT INTO boots (node, network, version, reason, wall_ms, machine_ms, last_wall_ms, uptime_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, 0)
            """,
            [Int(row.node), Int(row.network), row.version, Int(row.reason), row.wall, row.machine, row.wall]
        )
        boot = database.lastInsertedRowID
    }

    private func insert(_ loss: HistoryLoss, _ boot: Int64) throws {
        try run(
            """
            INSERT INTO losses (boot, number, wall_ms, uptime_ms, partner, reason, wanted, age_ms, outcome, after_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                boot, loss.number, loss.time.wall, loss.time.uptime, Int(loss.partner), loss.reason, loss.isWanted,
                loss.ageMilliseconds, loss.outcome?.rawValue, loss.outcome == nil ? nil : 0,
            ]
        )
        try count(loss.isWanted ? "closed" : "losses", loss.time)
    }

    private func insert(_ formation: HistoryFormation, _ boot: Int64) throws {
        try run(
            """
            INSERT INTO formations (boot, wall_ms, uptime_ms, cause, duration_ms, size, expected, outcome)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                boot, formation.time.wall, formation.time.uptime, formation.cause.rawValue,
                formation.durationMilliseconds, formation.size, formation.expected, formation.outcome.rawValue,
            ]
        )
        try count("formations", formation.time)
    }

    private func alive(_ time: HistoryTime, _ boot: Int64) throws {
        let before = try Int64.fetchOne(database, sql: "SELECT uptime_ms FROM boots WHERE id = ?", arguments: [boot])
        try run("UPDATE boots SET last_wall_ms = ?, uptime_ms = ? WHERE id = ?", [time.wall, time.uptime, boot])
        try count("up_ms", time, by: max(0, time.uptime - (before ?? 0)))
    }

    /// Adds to a counter of the day.
    private func count(_ column: String, _ time: HistoryTime, by amount: Int64 = 1) throws {
        let day = HistoryDay.number(time.wall)
        try run("INSERT OR IGNORE INTO days (day) VALUES (?)", [day])
        try run("UPDATE days SET \(column) = \(column) + ? WHERE day = ?", [amount, day])
    }

    private func trim() throws {
        for (table, rows) in [
            ("boots", limits.rows), ("losses", limits.rows), ("formations", limits.rows), ("clusters", limits.rows),
            ("jumps", limits.rows), ("days", limits.days),
        ] {
            try run("DELETE FROM \(table) WHERE id <= (SELECT max(id) FROM \(table)) - ?", [rows])
        }
    }

    private func run(_ sql: String, _ arguments: StatementArguments) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }
}

/// Days by number.
public enum HistoryDay {
    /// Days since 1970 of milliseconds since then, rounded down.
    public static func number(_ wall: Int64) -> Int64 {
        let day: Int64 = 86_400_000
        // Not by adding: the earliest of all times is a time, too.
        return wall / day - (wall % day < 0 ? 1 : 0)
    }
}
