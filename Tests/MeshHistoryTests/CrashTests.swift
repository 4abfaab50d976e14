import Glibc
import TestSupport
import Testing

@testable import MeshHistory

/// A writer that ends at every change of a file that it makes leaves a database that is whole, with all that it had committed.
@Suite struct CrashTests {
    /// How the end comes; the words of the helper.
    enum Ending: String {
        /// The process is killed.
        case killed
        /// The process is killed in the middle of a write.
        case torn
        /// The power fails: of what was not flushed, some reached the disk.
        case power
        /// It goes on, but five changes in a row find a full disk.
        case full
    }

    /// Links that each batch of the helper loses.
    private static let links = 10

    @Test(arguments: [Ending.killed, .torn, .power]) func everyBatchIsThereOrIsNot(ending: Ending) throws {
        var random = SplitMix.announced("CrashTests \(ending)")
        let folder = try HistoryFolder()
        var step = 0
        while true {
            step += 1
            for name in folder.names { unlink("\(folder.path)/\(name)") }
            let seed = random.next()
            let (committed, hasEnded) = try Self.write(folder, step: step, ending, seed: seed)
            let place: Comment = "step \(step), \(ending.rawValue), seed \(seed)"
            // Shared memory is not on the disk.
            if ending == .power { unlink(folder.database + "-shm") }
            try Self.check(folder, committed: committed, place)
            if hasEnded { break }
        }
        // So many at least are needed to make the database, to write six batches and to fold in the log at the end.
        #expect(step > 80)
        print("CrashTests: \(step - 1) steps, \(ending.rawValue)")
    }

    /// What a full disk did not take is tried again, and is there once.
    @Test func aFullDiskOnlyDelays() throws {
        let folder = try HistoryFolder()
        for step in 1...120 {
            for name in folder.names { unlink("\(folder.path)/\(name)") }
            let (committed, hasEnded) = try Self.write(folder, step: step, .full, seed: 0)
            #expect(committed == 6 && hasEnded, "step \(step)")
            try Self.check(folder, committed: committed, "step \(step)")
        }
    }

    /// A foreign file is never lost, whenever the process that sets it aside is killed.
    @Test func aFileThatIsSetAsideIsInOneOfTwoPlaces() throws {
        let folder = try HistoryFolder()
        let foreign = "this belongs to somebody"
        var step = 0
        var hasEnded = false
        while !hasEnded {
            step += 1
            for name in folder.names { unlink("\(folder.path)/\(name)") }
            try folder.write("node-7.sqlite", foreign)
            hasEnded = try Self.write(folder, step: step, .killed, seed: 1).hasEnded
            var store = HistoryStore(path: folder.database)
            try store.write([.booted(HistoryStoreTests.boot)])
            let file = try #require(fopen(folder.database + ".aside", "r"), "step \(step)")
            var line = [CChar](repeating: 0, count: 100)
            fgets(&line, 100, file)
            fclose(file)
            #expect(line.prefix { $0 != 0 }.elementsEqual(foreign.utf8CString.dropLast()), "step \(step)")
            #expect(try folder.integrity() == "ok", "step \(step)")
        }
        #expect(step > 80)
    }

    /// Integrity, whole batches, none missing, and going on.
    private static func check(_ folder: HistoryFolder, committed: Int, _ place: Comment) throws {
        var store = HistoryStore(path: folder.database)
        if committed > 0 {
            let contents = try HistoryReader(path: folder.database).contents()
            // A batch may be committed without its writer having lived to say so.
            let batches = contents.losses.count / links
            #expect(contents.losses.count == batches * links, place)
            #expect(batches == committed || batches == committed + 1, place)
            #expect(contents.days.map(\.losses) == [contents.losses.count], place)
            #expect(contents.days.map(\.links) == [contents.losses.count], place)
            #expect(contents.boots.count == 1, place)
        }
        if folder.names.contains("node-7.sqlite") { #expect(try folder.integrity() == "ok", place) }
        // Whoever comes next goes on with the same file.
        try store.write([.booted(HistoryStoreTests.boot), HistoryStoreTests.loss(1)])
        let notice = store.takeNotice()
        #expect(notice == nil, place)
        let rows = try HistoryReader(path: folder.database).contents().losses.count
        #expect(rows % links == 1 && rows > committed * links, place)
    }

    /// Runs the helper; tells how many batches it says are committed, and whether it came to its end.
    private static func write(
        _ folder: HistoryFolder,
        step: Int,
        _ ending: Ending,
        seed: UInt64
    ) throws -> (committed: Int, hasEnded: Bool) {
        let stream = try #require(popen("exec \(try crasher()) \(folder.database) \(step) \(ending) \(seed)", "r"))
        var lines: [String] = []
        var line = [CChar](repeating: 0, count: 200)
        while fgets(&line, 200, stream) != nil {
            lines.append(String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init), as: UTF8.self))
        }
        let status = pclose(stream)
        // A shell that was replaced ends as the helper does.
        let signal = status & 0x7F
        try #require(status == 0 || signal == SIGKILL, "step \(step): status \(status), \(lines)")
        #expect(lines == (0..<lines.count).map { "\($0 + 1)" })
        return (lines.count, status == 0)
    }

    /// The helper; it is built into the folder of the test bundle.
    private static func crasher() throws -> String {
        let bundle = try #require(
            realpath("/proc/self/exe", nil).map { path in
                defer { free(path) }
                return String(cString: path)
            }
        )
        let path = "/" + bundle.split(separator: "/").dropLast().joined(separator: "/") + "/HistoryCrasher"
        try #require(access(path, X_OK) == 0, "\(path) has not been built")
        return path
    }
}
