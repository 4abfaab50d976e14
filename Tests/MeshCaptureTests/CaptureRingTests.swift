import Glibc
import LinuxSystem
import MeshCapture
import Testing

/// Rings of capture files.
@Suite struct CaptureRingTests {
    private static func packet(_ number: Int) -> [UInt8] { [4, 0xFF, 2, UInt8(number >> 8), UInt8(number & 0xFF)] }

    @Test func recordsLieOneAfterTheOther() throws {
        let folder = try Folder()
        let ring = try CaptureRing(.init(folder: folder.path, name: "n"))
        ring.store([1, 3, 0x0C, 0], sent: true, microseconds: 1_704_067_200_000_000)
        ring.store([4, 0x0E, 4, 1, 3, 0x0C, 0], sent: false, microseconds: 1_704_067_200_000_001)
        let bytes = try folder.bytes("n.btsnoop")
        let first: [UInt8] = [
            0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0xE2, 0xEB, 0x8A, 0x1F, 0x50, 0xA0, 0, 1, 3, 0x0C, 0,
        ]
        let second: [UInt8] = [
            0, 0, 0, 7, 0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0xE2, 0xEB, 0x8A, 0x1F, 0x50, 0xA0, 1,
            4, 0x0E, 4, 1, 3, 0x0C, 0,
        ]
        #expect(bytes == Array("btsnoop\0".utf8) + [0, 0, 0, 1, 0, 0, 3, 0xEA] + first + second)
        var information = stat()
        #expect(stat(folder.path + "/n.btsnoop", &information) == 0)
        // Others may not read what was said.
        #expect(information.st_mode & 0o007 == 0)
    }

    /// Each file has room for its header and three records of 29 bytes.
    @Test(arguments: 1...4)
    func theNewestPacketsStay(files: Int) throws {
        let folder = try Folder()
        let ring = try CaptureRing(.init(folder: folder.path, name: "n", files: files, fileBytes: 16 + 3 * 29))
        for number in 0..<32 { ring.store(Self.packet(number), sent: false, microseconds: 0) }
        let names = (0..<files).map { $0 == 0 ? "n.btsnoop" : "n.\($0).btsnoop" }
        #expect(folder.names == names.sorted())
        // 32 packets are ten full files and two in the newest.
        var found: [[UInt8]] = []
        for name in names.reversed() {
            let bytes = try folder.bytes(name).count
            #expect(bytes <= 16 + 3 * 29)
            found += try folder.records(name).map(\.packet)
        }
        #expect(found == (32 - 2 - 3 * (files - 1)..<32).map(Self.packet))
    }

    @Test func aFileThatIsExactlyFullIsNotMovedOnTooEarly() throws {
        let folder = try Folder()
        let ring = try CaptureRing(.init(folder: folder.path, name: "n", fileBytes: 16 + 2 * 29))
        ring.store(Self.packet(0), sent: true, microseconds: 0)
        ring.store(Self.packet(1), sent: true, microseconds: 0)
        #expect(folder.names == ["n.btsnoop"])
        #expect(try folder.bytes("n.btsnoop").count == 16 + 2 * 29)
        ring.store(Self.packet(2), sent: true, microseconds: 0)
        #expect(folder.names == ["n.1.btsnoop", "n.btsnoop"])
    }

    @Test func aNewRunMovesTheEarlierFilesOn() throws {
        let folder = try Folder()
        for run in 0..<4 {
            let ring = try CaptureRing(.init(folder: folder.path, name: "n", files: 3))
            ring.store(Self.packet(run), sent: true, microseconds: 0)
        }
        #expect(folder.names == ["n.1.btsnoop", "n.2.btsnoop", "n.btsnoop"])
        #expect(try folder.records("n.btsnoop").map(\.packet) == [Self.packet(3)])
        #expect(try folder.records("n.2.btsnoop").map(\.packet) == [Self.packet(1)])
    }

    @Test(arguments: [false, true])
    func keysAreStoredOnlyIfAskedFor(includesKeys: Bool) throws {
        let folder = try Folder()
        let ring = try CaptureRing(.init(folder: folder.path, name: "n", includesKeys: includesKeys))
        let key = [UInt8](repeating: 0x5A, count: 16)
        let packets: [[UInt8]] = [
            [1, 0x19, 0x20, 28, 0x40, 0] + [UInt8](repeating: 1, count: 10) + key,
            [1, 0x1A, 0x20, 18, 0x40, 0] + key,
            [1, 0x1A, 0x20, 18, 0x40, 0] + key.prefix(5),
        ]
        for packet in packets { ring.store(packet, sent: true, microseconds: 0) }
        let stored = try folder.records("n.btsnoop").map(\.packet)
        #expect(stored.map(\.count) == packets.map(\.count))
        let hasKeyBytes = try folder.bytes("n.btsnoop").contains(0x5A)
        #expect(hasKeyBytes == includesKeys)
        if includesKeys { #expect(stored == packets) }
    }

    @Test func aMissingFolderIsAnErrorThatNamesTheFile() {
        #expect(throws: SystemError("create /nonexistent/n.btsnoop", code: ENOENT)) {
            _ = try CaptureRing(.init(folder: "/nonexistent", name: "n"))
        }
    }

    @Test func aFolderThatIsTakenAwayDoesNoHarm() throws {
        let folder = try Folder()
        let ring = try CaptureRing(.init(folder: folder.path, name: "n", fileBytes: 16 + 2 * 29))
        ring.store(Self.packet(0), sent: true, microseconds: 0)
        folder.remove()
        for number in 1..<20 { ring.store(Self.packet(number), sent: true, microseconds: 0) }
        #expect(folder.names.isEmpty)
        // It goes on as soon as the folder is back.
        #expect(mkdir(folder.path, 0o700) == 0)
        for number in 20..<30 { ring.store(Self.packet(number), sent: true, microseconds: 0) }
        let newest = try folder.records("n.btsnoop")
        #expect(newest.last?.packet == Self.packet(29))
    }

    /// The limit of file sizes stands for a full disk; it holds for a whole process, so the test has one for itself.
    @Test func whatADiskDoesNotTakeIsCountedInTheNextRecord() async {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            let folder = try Folder()
            let ring = try CaptureRing(.init(folder: folder.path, name: "n"))
            ring.store(Self.packet(0), sent: true, microseconds: 0)
            var limit = rlimit(rlim_cur: 16 + 29, rlim_max: rlim_t.max)
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            for number in 1...3 { ring.store(Self.packet(number), sent: true, microseconds: 0) }
            limit.rlim_cur = rlim_t.max
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            for number in 4...5 { ring.store(Self.packet(number), sent: true, microseconds: 0) }
            let records = try folder.records("n.btsnoop")
            try #require(records.map(\.packet) == [0, 4, 5].map(Self.packet))
            try #require(records.map(\.lost) == [0, 3, 3])
        }
    }

    @Test func aRecordThatADiskTakesHalfOfDoesNotSpoilTheNextOnes() async {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            let folder = try Folder()
            let ring = try CaptureRing(.init(folder: folder.path, name: "n"))
            ring.store(Self.packet(0), sent: true, microseconds: 0)
            var limit = rlimit(rlim_cur: 16 + 29 + 10, rlim_max: rlim_t.max)
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            ring.store(Self.packet(1), sent: true, microseconds: 0)
            limit.rlim_cur = rlim_t.max
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            ring.store(Self.packet(2), sent: true, microseconds: 0)
            let records = try folder.records("n.btsnoop")
            try #require(records.map(\.packet) == [0, 2].map(Self.packet))
            try #require(records.map(\.lost) == [0, 1])
        }
    }

    @Test func aFileWithoutItsFolderStaysBounded() throws {
        let folder = try Folder()
        let ring = try CaptureRing(.init(folder: folder.path, name: "n", files: 2, fileBytes: 1000))
        let file = FileDescriptor(open(folder.path + "/n.btsnoop", O_RDONLY))
        unlink(folder.path + "/n.btsnoop")
        rmdir(folder.path)
        for _ in 0..<1000 { ring.store(Self.packet(0), sent: true, microseconds: 0) }
        var information = stat()
        fstat(file.rawValue, &information)
        #expect(information.st_size <= 1000)
    }
}

extension Folder {
    /// Losses and packets of each record; records that do not add up are an error.
    func records(_ name: String) throws -> [(lost: UInt32, packet: [UInt8])] {
        let bytes = try bytes(name)
        try #require(bytes.prefix(8) == ArraySlice("btsnoop\0".utf8))
        var rest = bytes.dropFirst(16)
        var records: [(lost: UInt32, packet: [UInt8])] = []
        while !rest.isEmpty {
            try #require(rest.count >= 24)
            let header = Array(rest.prefix(24))
            let size = Self.number(header[0..<4])
            try #require(Self.number(header[4..<8]) == size && rest.count >= 24 + Int(size))
            records.append((Self.number(header[12..<16]), Array(rest.dropFirst(24).prefix(Int(size)))))
            rest = rest.dropFirst(24 + Int(size))
        }
        return records
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }
}
