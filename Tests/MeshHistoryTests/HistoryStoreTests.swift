import Glibc
import MeshWire
import RadioPort
import Testing

@testable import MeshHistory

/// What is written is read, within bounds, and no file is in the way.
@Suite struct HistoryStoreTests {
    static let boot = HistoryBoot(wall: 1000, machine: 500, reason: 0, version: "1", node: 7, network: 11)

    static func time(_ uptime: Int64, wall: Int64? = nil) -> HistoryTime {
        HistoryTime(wall: wall ?? 1000 + uptime, uptime: uptime)
    }

    static func loss(_ number: Int64, _ outcome: HistoryOutcome? = nil, wanted: Bool = false) -> HistoryChange {
        .lost(
            HistoryLoss(
                number: number,
                time: time(number * 10),
                partner: 3,
                reason: "notHeard",
                isWanted: wanted,
                ageMilliseconds: 5,
                outcome: outcome
            )
        )
    }

    // MARK: - Rows

    @Test func whatIsWrittenIsRead() throws {
        let folder = try HistoryFolder()
        var store = HistoryStore(path: folder.database)
        try store.write([
            .booted(Self.boot), .linked(Self.time(1)), .cluster(id: 4_294_967_295, size: 5, Self.time(2)),
            .formed(
                HistoryFormation(
                    time: Self.time(0),
                    cause: .boot,
                    durationMilliseconds: 2,
                    size: 5,
                    expected: 5,
                    outcome: .full
                )
            ),
            Self.loss(1), Self.loss(2, .removed, wanted: true), .alive(Self.time(30)),
        ])
        try store.write([.resolved(number: 1, .reestablished, afterMilliseconds: 7), .ended(.stopped, Self.time(40))])
        let contents = try HistoryReader(path: folder.database).contents()
        let when = { (uptime: Int64) in RecordedTime(at: 1000 + uptime, correction: 0, uptime: uptime) }
        #expect(
            contents.boots == [
                BootRow(
                    boot: 1,
                    began: when(0),
                    last: 1040,
                    up: 40,
                    end: .stopped,
                    reason: 0,
                    version: "1",
                    node: 7,
                    network: 11
                )
            ]
        )
        #expect(contents.losses.map(\.time) == [when(10), when(20)])
        #expect(contents.losses.map(\.isBack) == [true, false] && contents.losses.map(\.after) == [7, 0])
        #expect(contents.losses.map(\.isWanted) == [false, true])
        #expect(contents.clusters == [ClusterRow(boot: 1, time: when(2), cluster: 4_294_967_295, size: 5)])
        #expect(contents.formations.map(\.duration) == [2] && contents.formations.map(\.isFormed) == [true])
        #expect(
            contents.days == [
                DayRow(day: 0, up: 40, links: 1, losses: 1, closed: 1, reestablished: 1, formations: 1)
            ]
        )
        let later = try HistoryReader(path: folder.database).contents(since: 1020)
        #expect(later.losses.count == 1 && later.boots.count == 1 && later.clusters.isEmpty)
        #expect(try HistoryReader(path: folder.database).contents(since: 1041).boots.isEmpty)
    }

    @Test func whatComesAfterARestartBelongsToTheNewBoot() throws {
        let folder = try HistoryFolder()
        var store = HistoryStore(path: folder.database)
        try store.write([.booted(Self.boot), Self.loss(1), .alive(Self.time(400))])
        var next = HistoryStore(path: folder.database)
        var boot = Self.boot
        boot.machine = 100
        try next.write([.booted(boot), Self.loss(1), .resolved(number: 1, .removed, afterMilliseconds: 3)])
        boot.machine = 5000
        try next.write([.booted(boot)])
        let contents = try HistoryReader(path: folder.database).contents()
        #expect(contents.losses.map(\.boot) == [1, 2] && contents.losses.map(\.after) == [nil, 3])
        #expect(contents.boots.map(\.end) == [.machineDown, .cutOff, .open])
    }

    @Test func timesBeforeAJumpOfTheClockAreSetRight() throws {
        let folder = try HistoryFolder()
        var store = HistoryStore(path: folder.database)
        try store.write([
            .booted(Self.boot), .cluster(id: 1, size: 2, Self.time(10)),
            .clockJumped(byMilliseconds: 5_000_000, Self.time(20, wall: 5_001_020)),
            .cluster(id: 1, size: 3, Self.time(20, wall: 5_001_020)),
            .clockJumped(byMilliseconds: -600, Self.time(30, wall: 5_000_430)),
            .alive(Self.time(40, wall: 5_000_440)), .booted(Self.boot), .cluster(id: 1, size: 4, Self.time(10)),
        ])
        let contents = try HistoryReader(path: folder.database).contents()
        #expect(contents.clusters.map(\.time.at) == [5_000_410, 5_000_420, 1010])
        #expect(contents.clusters.map(\.time.correction) == [4_999_400, -600, 0])
        #expect(contents.boots.map(\.began.at) == [5_000_400, 1000])
        #expect(contents.jumps.map(\.by) == [5_000_000, -600])
    }

    @Test func aReaderSeesWhatWasCommittedWhileAnotherWrites() throws {
        let folder = try HistoryFolder()
        var store = HistoryStore(path: folder.database)
        try store.write([.booted(Self.boot)])
        let reader = try HistoryReader(path: folder.database)
        for count in 1...5 {
            try store.write([Self.loss(Int64(count))])
            #expect(try reader.contents().losses.count == count)
        }
    }

    // MARK: - Bounds

    @Test func theOldestRowsGoFirstWhateverTheClockSays() throws {
        let folder = try HistoryFolder()
        var store = HistoryStore(path: folder.database, limits: .init(rows: 100, days: 3))
        for batch in 0..<60 {
            // The clock goes backwards: a day with each batch.
            let wall = Int64(100 - batch) * 86_400_000
            try store.write(
                [.booted(Self.boot)] + (1...5).map { .cluster(id: UInt32(batch), size: $0, Self.time(1, wall: wall)) }
                    + (1...5).map { Self.loss(Int64($0)) }
                    + [.clockJumped(byMilliseconds: 1, Self.time(1, wall: wall)), .alive(Self.time(2, wall: wall))]
            )
        }
        let contents = try HistoryReader(path: folder.database).contents()
        #expect(contents.losses.count == 100 && contents.clusters.count == 100)
        #expect(contents.clusters.first?.cluster == 40 && contents.clusters.last?.cluster == 59)
        #expect(contents.boots.count == 60 && contents.jumps.count == 60)
        // Day 0, where the losses are, came first.
        #expect(contents.days.map(\.day) == [43, 42, 41])
    }

    // MARK: - Files in the way

    @Test(arguments: [
        "this is no database, but longer than its head would be: " + String(repeating: "x", count: 2000), "short",
    ])
    func aBrokenFileIsSetAsideAndSaid(text: String) throws {
        let folder = try HistoryFolder()
        try folder.write("node-7.sqlite", text)
        var store = HistoryStore(path: folder.database)
        try store.write([.booted(Self.boot), Self.loss(1)])
        let taken = store.takeNotice()
        let notice = try #require(taken)
        #expect(notice.hasPrefix("\(folder.database) is broken ("))
        #expect(notice.hasSuffix("); it is now \(folder.database).aside, and a new history begins"))
        let second = store.takeNotice()
        #expect(second == nil)
        #expect(folder.names.contains("node-7.sqlite.aside"))
        #expect(try HistoryReader(path: folder.database).contents().losses.count == 1)
    }

    @Test func aForeignDatabaseIsSetAsideWhole() throws {
        let folder = try HistoryFolder()
        try folder.run("CREATE TABLE invoices (id INTEGER PRIMARY KEY); INSERT INTO invoices DEFAULT VALUES")
        var store = HistoryStore(path: folder.database)
        try store.write([.booted(Self.boot)])
        let notice = store.takeNotice()
        #expect(notice?.contains(" belongs to another program; it is now ") == true)
        // What belongs to the new one must not be taken for a part of the old one.
        for ending in ["-wal", "-shm"] { unlink(folder.database + ending) }
        #expect(rename(folder.database + ".aside", folder.database) == 0)
        #expect(try folder.value("SELECT count(*) FROM invoices") == 1)
    }

    @Test func aDatabaseThatBreaksMeanwhileIsReplacedAndTheBootIsKept() throws {
        let folder = try HistoryFolder()
        var store = HistoryStore(path: folder.database)
        try store.write([.booted(Self.boot), Self.loss(1)])
        try folder.run("PRAGMA wal_checkpoint(TRUNCATE)")
        // Every page but the first, so that the file still looks like a database.
        let file = open(folder.database, O_WRONLY)
        let size = lseek(file, 0, SEEK_END)
        let noise = [UInt8](repeating: 0xA5, count: Int(size) - 4096)
        #expect(pwrite(file, noise, noise.count, 4096) == noise.count)
        close(file)
        var next = HistoryStore(path: folder.database)
        try next.write([.booted(Self.boot), Self.loss(2)])
        #expect(next.takeNotice()?.contains(" is broken (") == true)
        let contents = try HistoryReader(path: folder.database).contents()
        #expect(contents.boots.count == 1 && contents.losses.count == 1)
    }

    @Test func aFolderThatIsNotThereIsAnErrorThatPasses() throws {
        let folder = try HistoryFolder()
        let path = folder.path + "/later/node.sqlite"
        var store = HistoryStore(path: path)
        #expect(throws: HistoryError.self) { try store.write([.booted(Self.boot)]) }
        #expect(mkdir(folder.path + "/later", 0o700) == 0)
        try store.write([.booted(Self.boot)])
        #expect(try HistoryReader(path: path).contents().boots.count == 1)
        store = HistoryStore(path: "")
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
        rmdir(folder.path + "/later")
    }

    @Test func aReaderSaysWhatIsWrong() throws {
        let folder = try HistoryFolder()
        func problem() -> String {
            do throws(HistoryError) {
                _ = try HistoryReader(path: folder.database)
                return ""
            } catch {
                return error.text
            }
        }
        #expect(problem() == "\(folder.database): unable to open database file")
        #expect(folder.names == [])
        try folder.write("node-7.sqlite", "no database")
        #expect(problem() == "\(folder.database): file is not a database")
        unlink(folder.database)
        try folder.run("CREATE TABLE invoices (id INTEGER)")
        #expect(problem() == "\(folder.database) is no history of thicketd")
        try folder.run("PRAGMA application_id = \(HistorySchema.application); PRAGMA user_version = 99")
        #expect(problem() == "\(folder.database) was written by a newer thicketd; update thicket")
    }

    // MARK: - Versions

    @Test func anOlderDatabaseIsBroughtUpToDateAndKeepsItsRows() throws {
        let folder = try HistoryFolder()
        var store = HistoryStore(path: folder.database)
        try store.write([.booted(Self.boot), Self.loss(1)])
        let steps =
            HistorySchema.steps + ["ALTER TABLE losses ADD COLUMN rssi INTEGER", "CREATE TABLE more (id INTEGER)"]
        var next = HistoryStore(path: folder.database, limits: .init(), steps: steps)
        try next.write([.booted(Self.boot), Self.loss(2)])
        #expect(next.takeNotice() == nil)
        #expect(try folder.value("PRAGMA user_version") == Int64(steps.count))
        #expect(try folder.value("SELECT count(*) FROM losses WHERE rssi IS NULL") == 2)
        #expect(try folder.value("SELECT count(*) FROM more") == 0)
    }

    @Test func aStepThatFailsChangesNothing() throws {
        let folder = try HistoryFolder()
        var store = HistoryStore(path: folder.database)
        try store.write([.booted(Self.boot), Self.loss(1)])
        let steps = HistorySchema.steps + ["CREATE TABLE more (id INTEGER)", "INSERT INTO nowhere VALUES (1)"]
        var next = HistoryStore(path: folder.database, limits: .init(), steps: steps)
        #expect(throws: HistoryError.self) { try next.write([.booted(Self.boot)]) }
        #expect(try folder.value("PRAGMA user_version") == 1)
        #expect(try folder.value("SELECT count(*) FROM sqlite_master WHERE name = 'more'") == 0)
        try store.write([Self.loss(2)])
        #expect(try HistoryReader(path: folder.database).contents().losses.count == 2)
    }

    @Test func aNewerDatabaseIsSetAsideNotChanged() throws {
        let folder = try HistoryFolder()
        var newer = HistoryStore(path: folder.database, limits: .init(), steps: HistorySchema.steps + ["SELECT 1"])
        try newer.write([.booted(Self.boot), Self.loss(1)])
        var store = HistoryStore(path: folder.database)
        try store.write([.booted(Self.boot)])
        let notice = store.takeNotice()
        #expect(notice?.contains(" was written by a newer thicketd; it is now ") == true)
        #expect(try HistoryReader(path: folder.database).contents().losses.isEmpty)
    }

    // MARK: - Writing elsewhere

    @Test func whatCouldNotBeWrittenComesBack() throws {
        let folder = try HistoryFolder()
        let writer = HistoryWriter(HistoryStore(path: folder.path + "/no/where.sqlite"))
        writer.write([.booted(Self.boot)])
        writer.finish()
        let report = try #require(writer.takeReport())
        #expect(report.unwritten == [.booted(Self.boot)])
        #expect(report.failure?.text.hasSuffix(": unable to open database file") == true)
        #expect(writer.takeReport() == nil)
    }

    @Test func batchesAreWrittenInOrder() throws {
        let folder = try HistoryFolder()
        let writer = HistoryWriter(HistoryStore(path: folder.database))
        writer.write([.booted(Self.boot)])
        for number in 1...20 { writer.write([Self.loss(Int64(number))]) }
        writer.finish()
        for _ in 0...20 { #expect(writer.takeReport()?.failure == nil) }
        let losses = try HistoryReader(path: folder.database).contents().losses
        #expect(losses.map(\.time.uptime) == (1...20).map { Int64($0 * 10) })
    }
}
