import GRDB

/// Reads the history of a node, also while its daemon writes it.
public struct HistoryReader: Sendable {
    /// The whole history, or what of it is not older than asked for, as it was at one moment.
    public struct Contents: Sendable, Equatable {
        /// Boots that had not ended before then, by order.
        public var boots: [BootRow]
        /// Ends of links, by order.
        public var losses: [LossRow]
        /// Formations that began since then, by order.
        public var formations: [FormationRow]
        /// Changes of the cluster, by order.
        public var clusters: [ClusterRow]
        /// Jumps of the clock, by order.
        public var jumps: [JumpRow]
        /// Days, by order.
        public var days: [DayRow]

        /// Rows; by default none.
        public init(
            boots: [BootRow] = [],
            losses: [LossRow] = [],
            formations: [FormationRow] = [],
            clusters: [ClusterRow] = [],
            jumps: [JumpRow] = [],
            days: [DayRow] = []
        ) {
            self.boots = boots
            self.losses = losses
            self.formations = formations
            self.clusters = clusters
            self.jumps = jumps
            self.days = days
        }
    }

    /// The file.
    public let path: String
    private let queue: DatabaseQueue

    /// Opens a history; nothing in it is changed.
    ///
    /// - Throws: ``HistoryError`` if it is not there or cannot be used.
    public init(path: String) throws(HistoryError) {
        self.path = path
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            queue = try DatabaseQueue(path: path, configuration: configuration)
            let fault = try queue.read { database -> String? in
                guard try HistorySchema.number("application_id", database) == Int64(HistorySchema.application) else {
                    return "is no history of thicketd"
                }
                let version = try HistorySchema.number("user_version", database)
                let known = HistorySchema.steps.count
                guard version != known else { return nil }
                return version > known
                    ? "was written by a newer thicketd; update thicket"
                    : "was written by an older thicketd; start this one once"
            }
            if let fault { throw HistoryError(text: "\(path) \(fault)") }
        } catch {
            throw HistoryError(path: path, error)
        }
    }

    /// Everything from a time on.
    ///
    /// - Parameter since: milliseconds since 1970 (UTC); nil for all that there is.
    /// - Returns: the rows.
    /// - Throws: ``HistoryError`` if the file cannot be read.
    public func contents(since: Int64? = nil) throws(HistoryError) -> Contents {
        let since = since ?? .min
        do {
            return try queue.read { database in
                Contents(
                    boots: try Self.boots(database).filter { $0.last >= since },
                    losses: try Self.rows("losses", database, Self.loss).filter { $0.time.at >= since },
                    formations: try Self.rows("formations", database, Self.formation).filter { $0.time.at >= since },
                    clusters: try Self.rows("clusters", database, Self.cluster).filter { $0.time.at >= since },
                    jumps: try Self.rows("jumps", database, Self.jump).filter { $0.time.at >= since },
                    days: try Self.days(database).filter { $0.day >= HistoryDay.number(since) }
                )
            }
        } catch {
            throw HistoryError(path: path, error)
        }
    }

    // MARK: - Rows

    /// What the clock jumped after a row, within the same boot.
    private static func correction(boot: String, uptime: String) -> String {
        "(SELECT coalesce(sum(by_ms), 0) FROM jumps WHERE jumps.boot = \(boot) AND jumps.uptime_ms > \(uptime))"
    }

    private static func rows<Value>(
        _ table: String,
        _ database: Database,
        _ make: (Row, RecordedTime) -> Value
    ) throws -> [Value] {
        let correction = correction(boot: "\(table).boot", uptime: "\(table).uptime_ms")
        var values: [Value] = []
        let rows = try Row.fetchCursor(database, sql: "SELECT *, \(correction) AS correction FROM \(table) ORDER BY id")
        while let row = try rows.next() { values.append(make(row, time(row, uptime: row["uptime_ms"]))) }
        return values
    }

    private static func time(_ row: Row, uptime: Int64) -> RecordedTime {
        let wall: Int64 = row["wall_ms"]
        let correction: Int64 = row["correction"]
        return RecordedTime(at: wall + correction, correction: correction, uptime: uptime)
    }

    private static func boots(_ database: Database) throws -> [BootRow] {
        // The moment of the boot is uptime 0, where a jump may stand as well.
        let correction = correction(boot: "boots.id", uptime: "-1")
        let sql = """
            SELECT *, \(correction) AS correction, lead(machine_ms) OVER (ORDER BY id) AS next_machine_ms
            FROM boots ORDER BY id
            """
        return try Row.fetchAll(database, sql: sql).map { row in
            BootRow(
                boot: row["id"],
                began: time(row, uptime: 0),
                last: row["last_wall_ms"],
                up: row["uptime_ms"],
                end: end(row),
                reason: row["reason"],
                version: row["version"],
                node: row["node"],
                network: row["network"]
            )
        }
    }

    private static func end(_ row: Row) -> BootRow.End {
        if let ended: String = row["ended"], let end = BootRow.End(rawValue: ended) { return end }
        guard let next: Int64 = row["next_machine_ms"] else { return .open }
        let machine: Int64 = row["machine_ms"]
        let up: Int64 = row["uptime_ms"]
        return next < machine + up ? .machineDown : .cutOff
    }

    private static func loss(_ row: Row, _ time: RecordedTime) -> LossRow {
        LossRow(
            boot: row["boot"],
            time: time,
            partner: row["partner"],
            reason: row["reason"],
            isWanted: row["wanted"],
            age: row["age_ms"],
            outcome: row["outcome"],
            after: row["after_ms"]
        )
    }

    private static func formation(_ row: Row, _ time: RecordedTime) -> FormationRow {
        FormationRow(
            boot: row["boot"],
            time: time,
            cause: row["cause"],
            duration: row["duration_ms"],
            size: row["size"],
            expected: row["expected"],
            outcome: row["outcome"]
        )
    }

    private static func cluster(_ row: Row, _ time: RecordedTime) -> ClusterRow {
        ClusterRow(boot: row["boot"], time: time, cluster: row["cluster"], size: row["size"])
    }

    private static func jump(_ row: Row, _ time: RecordedTime) -> JumpRow {
        JumpRow(boot: row["boot"], time: time, by: row["by_ms"])
    }

    private static func days(_ database: Database) throws -> [DayRow] {
        try Row.fetchAll(database, sql: "SELECT * FROM days ORDER BY id").map { row in
            DayRow(
                day: row["day"],
                up: row["up_ms"],
                links: row["links"],
                losses: row["losses"],
                closed: row["closed"],
                reestablished: row["reestablished"],
                formations: row["formations"]
            )
        }
    }
}
