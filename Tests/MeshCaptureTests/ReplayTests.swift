import Glibc
import LinuxSystem
import MeshCore
import MeshCrypto
import MeshSimulator
import MeshWire
import RadioPort
import Testing
import TestSupport

@testable import MeshCapture

/// Recordings that are made and replayed.
@Suite struct ReplayTests {
    private static func replay(_ bytes: [UInt8], keys: NodeKeys? = nil, until: UInt64? = nil) throws -> Replay {
        var replay = Replay(try RecordingReader(bytes, keys: keys), cipher: AES128.cipher)
        replay.run(until: until)
        return replay
    }

    // MARK: - Identical

    @Test(arguments: [ClusteringMode.classic, .graft], 1...3 as ClosedRange<UInt64>)
    func everyNodeOfAMeshAnswersAsItDid(clustering: ClusteringMode, seed: UInt64) throws {
        let mesh = try RecordedMesh(nodes: 6, seed: seed, clustering: clustering, seconds: 60, reboots: true)
        for index in 0..<mesh.simulation.count {
            let folder = try Folder()
            try mesh.record(index, in: folder)
            let replay = try Self.replay(folder.bytes("n"))
            #expect(replay.difference == nil, "\(clustering), seed \(seed), node \(index)")
            #expect(replay.stop == .ended(.stopped))
            #expect(replay.inputs == mesh.inputs.count { $0.node == index })
            #expect(replay.provenInputs == replay.inputs && replay.checkpoints > 10)
            #expect(replay.counts.values.reduce(0, +) == replay.inputs)
            // The node is the same, not only what it said.
            let node = mesh.simulation[index]
            #expect(replay.node.clusterID == node.clusterID && replay.node.clusterSize == node.clusterSize)
            #expect(replay.node.linkViews == node.linkViews)
            #expect(replay.node.nextDeadline == node.nextDeadline)
            #expect(replay.node.stored == node.stored)
        }
    }

    @Test func untilShowsTheNodeAtThatTime() throws {
        let mesh = try RecordedMesh(nodes: 4, seed: 5, seconds: 60)
        let folder = try Folder()
        try mesh.record(2, in: folder)
        let bytes = try folder.bytes("n")
        var checks = 0
        for seconds in [1, 7, 30] as [UInt64] {
            let early = try RecordedMesh(nodes: 4, seed: 5, seconds: seconds)
            let replay = try Self.replay(bytes, until: seconds * 1_000_000 - 1)
            #expect(replay.stop == .asked && replay.difference == nil)
            #expect(replay.now == Instant(microseconds: seconds * 1_000_000 - 1))
            #expect(replay.node.linkViews == early.simulation[2].linkViews)
            #expect(replay.node.clusterID == early.simulation[2].clusterID)
            checks += replay.node.linkCount
        }
        #expect(checks > 0)
        let later = try Self.replay(bytes, until: 1_000_000_000)
        #expect(later.stop == .ended(.stopped))
    }

    // MARK: - Different

    /// An answer that is left out of the recording is found at its input; what came before is proven.
    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func theFirstDifferenceIsFoundWhereItIs(seed: UInt64) throws {
        let mesh = try RecordedMesh(nodes: 3, seed: seed, seconds: 20)
        let answered = mesh.inputs.filter { $0.node == 1 }.enumerated().filter { !$0.element.outputs.isEmpty }
        var random = SplitMix.announced("theFirstDifferenceIsFoundWhereItIs")
        for _ in 0..<10 {
            let wanted = answered[random.below(answered.count)]
            guard case .radio = wanted.element.outputs.first else { continue }
            let folder = try Folder()
            try mesh.record(1, in: folder) { number, input in
                if number == wanted.offset + 1 { input.outputs.removeFirst() }
            }
            let replay = try Self.replay(folder.bytes("n"))
            let difference = try #require(replay.difference, "seed \(random.seed)")
            #expect(difference.input == wanted.offset + 1, "seed \(random.seed)")
            #expect(difference.at == wanted.element.at)
            #expect(difference.kind == RecordKind(wanted.element.input))
            #expect(replay.provenInputs < difference.input)
            #expect(replay.stop == .ended(.stopped))
        }
    }

    @Test func aNodeThatBehavesOtherwiseIsFoundOut() throws {
        let mesh = try RecordedMesh(nodes: 3, seed: 1, seconds: 30)
        var header = mesh.header(of: 0)
        header.configuration.timing.decisionPeriod += 1_000_000
        let folder = try Folder()
        try mesh.record(0, in: folder, header: header)
        let replay = try Self.replay(folder.bytes("n"))
        #expect(replay.difference != nil)
    }

    // MARK: - Spoilt files

    /// A file cut anywhere proves what is before the cut, up to the last checkpoint, and says so.
    @Test func aFileMayBeCutAtAnyByte() throws {
        let mesh = try RecordedMesh(nodes: 2, seed: 1, seconds: 8)
        let folder = try Folder()
        try mesh.record(0, in: folder)
        let bytes = try folder.bytes("n")
        let header = try mesh.header(of: 0).encoded().count
        var proven = [0]
        for count in 0..<bytes.count {
            let cut = Array(bytes.prefix(count))
            guard count >= header else {
                #expect(throws: count == 0 ? RecordingError.notARecording : .cutInHeader) {
                    _ = try RecordingReader(cut, keys: nil)
                }
                continue
            }
            let replay = try Self.replay(cut)
            #expect(replay.difference == nil, "\(count) bytes")
            #expect(replay.provenInputs == replay.inputs, "\(count) bytes")
            switch replay.stop {
            case .unfinished: break
            case .damaged(let damage):
                #expect(damage.kind == .cutShort && damage.offset + damage.bytes == count, "\(count) bytes")
            default: Issue.record("\(count) bytes: \(String(describing: replay.stop))")
            }
            if replay.provenInputs != proven.last { proven.append(replay.provenInputs) }
        }
        // Every second of the node's time counts, and nothing is taken back.
        #expect(proven == proven.sorted() && proven.count >= 6)
        #expect(try Self.replay(bytes).stop == .ended(.stopped))
        let longer = try Self.replay(bytes + [1, 2, 3])
        #expect(longer.stop == .damaged(.init(kind: .overlong, offset: bytes.count, bytes: 3)))
    }

    /// No flipped bit goes unseen, and what is before it is proven all the same.
    @Test func everyFlippedBitIsFound() throws {
        let mesh = try RecordedMesh(nodes: 2, seed: 1, seconds: 8)
        let folder = try Folder()
        try mesh.record(0, in: folder)
        let bytes = try folder.bytes("n")
        let header = try mesh.header(of: 0).encoded().count
        var random = SplitMix.announced("everyFlippedBitIsFound")
        for index in bytes.indices {
            var bytes = bytes
            bytes[index] ^= 1 << UInt8(random.below(8))
            guard index >= header else {
                #expect(throws: RecordingError.self) { _ = try RecordingReader(bytes, keys: nil) }
                continue
            }
            let replay = try Self.replay(bytes)
            guard case .damaged(let damage) = replay.stop else {
                Issue.record("byte \(index): \(String(describing: replay.stop)), seed \(random.seed)")
                continue
            }
            #expect(replay.difference == nil && damage.offset <= index, "byte \(index), seed \(random.seed)")
        }
    }

    // MARK: - Keys

    @Test func withoutKeysTheOnesOfTheNodeAreNeeded() throws {
        let mesh = try RecordedMesh(nodes: 3, seed: 2, seconds: 20)
        let folder = try Folder()
        try mesh.record(1, in: folder, header: mesh.header(of: 1, includesKeys: false))
        let bytes = try folder.bytes("n")
        #expect(throws: RecordingError.keysMissing) { _ = try RecordingReader(bytes, keys: nil) }
        let other = NodeKeys(network: Key128(repeating: 7))
        #expect(throws: RecordingError.wrongKeys) { _ = try RecordingReader(bytes, keys: other) }
        let replay = try Self.replay(bytes, keys: mesh.simulation[1].identity.keys)
        #expect(replay.difference == nil && replay.stop == .ended(.stopped))
        // Nothing that was said is to be read: the address of a neighbour, for one.
        #expect(!bytes.contains([1, 0, 0, 0, 0, 0xC0]) && !bytes.contains([3, 0, 0, 0, 0, 0xC0]))
    }

    // MARK: - Limits

    @Test(arguments: [6_000, 8_000, 20_000]) func aFullFileEndsAndIsWhole(limit: Int) throws {
        let mesh = try RecordedMesh(nodes: 6, seed: 3, seconds: 400)
        let folder = try Folder()
        let recorder = try mesh.record(0, in: folder, limit: limit)
        #expect(recorder.state == .ended(.full))
        let bytes = try folder.bytes("n")
        #expect(bytes.count == recorder.bytes && bytes.count <= limit)
        let replay = try Self.replay(bytes)
        #expect(replay.difference == nil && replay.stop == .ended(.full))
        #expect(replay.inputs == recorder.inputs && replay.provenInputs == replay.inputs)
    }

    @Test func withoutAnEndEverythingWrittenIsProven() throws {
        let mesh = try RecordedMesh(nodes: 3, seed: 4, seconds: 20)
        let folder = try Folder()
        let recorder = try mesh.record(1, in: folder, ends: false)
        #expect(recorder.state == .recording)
        let replay = try Self.replay(folder.bytes("n"))
        #expect(replay.stop == .unfinished && replay.difference == nil)
        #expect(replay.provenInputs == replay.inputs)
        // At most the last second is missing.
        #expect(replay.now.microseconds >= 18_000_000)
    }

    /// The limit of file sizes stands for a full disk; it holds for a whole process, so the test has one for itself.
    @Test func aFullDiskEndsTheRecordingAndSpoilsNothing() async {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            let mesh = try RecordedMesh(nodes: 3, seed: 4, seconds: 60)
            let folder = try Folder()
            var limit = rlimit(rlim_cur: 2_500, rlim_max: rlim_t.max)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            let recorder = try mesh.record(1, in: folder)
            try #require(recorder.state == .failed(SystemError("write", code: EFBIG)))
            var replay = Replay(try RecordingReader(folder.bytes("n"), keys: nil), cipher: AES128.cipher)
            replay.run()
            try #require(replay.stop == .unfinished && replay.difference == nil && replay.inputs > 20)
        }
    }

    @Test func aRingKeepsTheLatestBoots() throws {
        let mesh = try RecordedMesh(nodes: 2, seed: 1, seconds: 5)
        let folder = try Folder()
        let ring = FileRing(folder: folder.path, name: "n", ending: "recording", files: 3)
        for boot in 0..<5 {
            var header = mesh.header(of: 0)
            header.beganAt = UInt64(boot)
            try Recorder(header, in: ring, limit: 100_000).end(.restarted)
        }
        #expect(folder.names == ["n.1.recording", "n.2.recording", "n.recording"])
        let began = try ["n", "n.1", "n.2"].map {
            try RecordingReader(path: "\(folder.path)/\($0).recording", keys: nil).header.beganAt
        }
        #expect(began == [4, 3, 2])
        var information = stat()
        #expect(stat(folder.path + "/n.recording", &information) == 0)
        #expect(information.st_mode & 0o077 == 0)
    }

    @Test func whatCannotBeCreatedOrReadIsSaid() throws {
        let mesh = try RecordedMesh(nodes: 2, seed: 1, seconds: 1)
        #expect(throws: SystemError("create /nonexistent/n", code: ENOENT)) {
            _ = try Recorder(mesh.header(of: 0), in: FileRing(path: "/nonexistent/n"), limit: 100_000)
        }
        #expect(throws: RecordingError.unreadable(SystemError("open", code: ENOENT))) {
            _ = try RecordingReader(path: "/nonexistent/n", keys: nil)
        }
        #expect(throws: RecordingError.unreadable(SystemError("read", code: EISDIR))) {
            _ = try RecordingReader(path: "/tmp", keys: nil)
        }
    }
}
