import Glibc
import LinuxSystem
import MeshConfiguration
import MeshControl
import MeshCore
import MeshWire
import RadioPort
import TestSupport
import Testing

@testable import MeshDaemon

/// What survives a restart.
@Suite struct StateFileTests {
    /// A state file in a folder of its own.
    private struct Bench {
        let folder: Folder
        let file: StateFile
        var path: String { file.path }

        init() throws {
            folder = try Folder()
            file = StateFile(path: folder.file("node-7.json"))
            for suffix in [".previous", ".new"] { _ = folder.file("node-7.json" + suffix) }
        }
    }

    private static func state(_ enrolled: UInt16) -> PersistentState {
        var state = PersistentState()
        state.enrolledNodes = enrolled
        state.groups = [NodeID(20_001)]
        state.liveReportLevel = 50
        return state
    }

    private static func randomState(_ random: inout SplitMix) -> PersistentState {
        func word(_ random: inout SplitMix) -> UInt16 { UInt16(truncatingIfNeeded: random.next()) }
        var state = PersistentState()
        state.enrolledNodes = word(&random)
        state.preferredPartners = (0..<random.below(Limits.preferredPartners + 1)).map { _ in NodeID(word(&random)) }
        state.preferredMode = random.below(2) == 0 ? .penalty : .ignored
        state.groups = (0..<random.below(Limits.dynamicGroups + 1)).map { _ in NodeID(word(&random)) }
        state.timeReportingInterval = word(&random)
        state.reportIntervals = ReportIntervals(
            status: word(&random),
            deviceInfo: word(&random),
            connections: word(&random),
            nearby: word(&random)
        )
        state.liveReportLevel = random.below(3) == 0 ? nil : UInt8(random.below(256))
        state.inactiveModules = (0..<random.below(6)).compactMap { _ in
            let number = UInt32(truncatingIfNeeded: random.next())
            return ModuleIdentifier(wrapped: random.below(2) == 0 ? number | 0xFFFF_FF00 : number & ~0xFF | 0xF0)
        }
        state.graftGeneration = random.below(3) == 0 ? nil : word(&random)
        state.clustering = random.below(2) == 0 ? nil : ClusteringMode.allCases[random.below(2)]
        if random.below(2) == 0 {
            let at = UInt32(truncatingIfNeeded: random.next())
            state.plannedClustering = PlannedClustering(mode: ClusteringMode.allCases[random.below(2)], at: at)
        }
        if random.below(2) == 0 {
            let keys = (0..<3).map { _ in Key128(low: random.next(), high: random.next()) }
            state.enrolment = Enrolment(
                node: random.below(3) == 0 ? nil : NodeID(word(&random)),
                network: NetworkID(word(&random)),
                networkKey: keys[0],
                userBaseKey: keys[1],
                organizationKey: keys[2]
            )
        }
        return state
    }

    // MARK: - Round trips

    @Test func noFileIsAnEmptyState() throws {
        let bench = try Bench()
        #expect(try bench.file.load() == StateFile.Found(state: PersistentState()))
        let nowhere = StateFile(path: bench.folder.path + "/missing/node-7.json")
        #expect(try nowhere.load() == StateFile.Found(state: PersistentState()))
    }

    @Test func randomStatesRoundTrip() throws {
        var random = SplitMix.announced("StateFileTests.randomStatesRoundTrip")
        let bench = try Bench()
        var earlier: PersistentState?
        for _ in 0..<100 {
            let state = Self.randomState(&random)
            try bench.file.save(state)
            let found = try bench.file.load()
            #expect(found == StateFile.Found(state: state), "seed \(random.seed)")
            // The one before is kept whole.
            let previous = try bench.folder.read("node-7.json.previous")
            if let earlier, let previous {
                let text = String(decoding: previous, as: UTF8.self)
                #expect(try StateFile.decoded(text, file: "f") == earlier, "seed \(random.seed)")
            } else {
                #expect(earlier == nil && previous == nil)
            }
            earlier = state
        }
        #expect(try bench.folder.read("node-7.json.new") == nil)
    }

    @Test func theFormatIsOneLineOfKnownKeys() throws {
        var state = Self.state(5)
        state.preferredPartners = [NodeID(2), NodeID(3)]
        state.preferredMode = .ignored
        state.timeReportingInterval = 6
        state.reportIntervals = ReportIntervals(status: 1, deviceInfo: 2, connections: 3, nearby: 4)
        state.inactiveModules = [try #require(ModuleIdentifier(wrapped: 0xFFFF_FF03))]
        state.graftGeneration = 65_535
        state.clustering = .graft
        state.plannedClustering = PlannedClustering(mode: .classic, at: 1_700_000_000)
        state.enrolment = Enrolment(node: NodeID(12), network: NetworkID(11), networkKey: Key128(repeating: 0x5A))
        #expect(
            StateFile.encoded(state).line
                == #"{"format_version":3,"enrolled_nodes":5,"preferred_partners":[2,3],"preferred_mode":1,"#
                + #""groups":[20001],"time_reporting_interval_ds":6,"status_interval_ds":1,"#
                + #""device_info_interval_ds":2,"connections_interval_ds":3,"nearby_interval_ds":4,"#
                + #""live_report_level":50,"inactive_modules":[4294967043],"graft_generation":65535,"#
                + #""clustering":"graft","planned_clustering":{"clustering":"classic","at":1700000000},"#
                + #""enrolment":{"node":12,"network":11,"network_key":"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a","#
                + #""user_base_key":"ffffffffffffffffffffffffffffffff","#
                + #""organization_key":"ffffffffffffffffffffffffffffffff"}}"#
        )
        let empty = StateFile.encoded(PersistentState()).line
        #expect(
            empty.hasSuffix(#","graft_generation":null,"clustering":null,"planned_clustering":null,"enrolment":null}"#)
        )
        let bench = try Bench()
        try bench.file.save(state)
        let bytes = try #require(try bench.folder.read("node-7.json"))
        #expect(String(decoding: bytes, as: UTF8.self) == StateFile.encoded(state).line + "\n")
        var information = stat()
        #expect(stat(bench.path, &information) == 0 && information.st_mode & 0o077 == 0)
    }

    /// A file as the version before wrote it.
    @Test func aFileOfVersionOneIsReadAndWrittenAsTheLatest() throws {
        let bench = try Bench()
        let old =
            #"{"format_version":1,"enrolled_nodes":5,"preferred_partners":[2,3],"preferred_mode":1,"groups":[20001],"#
            + #""time_reporting_interval_ds":6,"status_interval_ds":1,"device_info_interval_ds":2,"#
            + #""connections_interval_ds":3,"nearby_interval_ds":4,"live_report_level":50,"inactive_modules":[]}"#
        try bench.folder.write("node-7.json", Array(old.utf8))
        var found = try bench.file.load()
        #expect(found.warning == nil)
        #expect(found.state.enrolledNodes == 5)
        #expect(found.state.reportIntervals.nearby == 4)
        #expect(found.state.graftGeneration == nil)
        found.state.graftGeneration = 256
        try bench.file.save(found.state)
        #expect(try bench.file.load().state == found.state)
        // Only a file of version 2 has the key, and it must have it: a generation is never lost in silence.
        let mixed = old.dropLast() + #","graft_generation":3}"#
        #expect(throws: ConfigurationError.self) { _ = try StateFile.decoded(String(mixed), file: "f") }
        let without = old.replacing("\"format_version\":1", with: "\"format_version\":2")
        do throws(ConfigurationError) {
            _ = try StateFile.decoded(without, file: "f")
            Issue.record("accepted")
        } catch {
            #expect(error.message == "key 'graft_generation': missing; allowed: a number or null")
        }
    }

    // MARK: - Spoilt files

    @Test func everyTruncationFallsBackToTheStateBefore() throws {
        let bench = try Bench()
        try bench.file.save(Self.state(1))
        try bench.file.save(Self.state(2))
        let whole = try #require(try bench.folder.read("node-7.json"))
        // Without the line feed it is whole still.
        for count in 0..<whole.count - 1 {
            try bench.folder.write("node-7.json", Array(whole.prefix(count)))
            let found = try bench.file.load()
            #expect(found.state == Self.state(1), "\(count) bytes")
            let warning = try #require(found.warning)
            #expect(warning.hasPrefix(bench.path + ":1: not JSON: "), "\(warning)")
            #expect(warning.hasSuffix("; going on with \(bench.path).previous"))
        }
        try bench.folder.write("node-7.json", Array(whole.dropLast()))
        #expect(try bench.file.load() == StateFile.Found(state: Self.state(2)))
    }

    @Test func everyTruncationOfAnOnlyFileIsAnErrorThatNamesIt() throws {
        let bench = try Bench()
        try bench.file.save(Self.state(1))
        let whole = try #require(try bench.folder.read("node-7.json"))
        for count in 0..<whole.count - 1 {
            try bench.folder.write("node-7.json", Array(whole.prefix(count)))
            do throws(ConfigurationError) {
                _ = try bench.file.load()
                Issue.record("\(count) bytes are accepted")
            } catch {
                #expect(error.file == bench.path)
                #expect(error.allowed == "a whole state file; move this one away to start without state")
            }
        }
    }

    @Test func aFileThatIsMissingIsReplacedByTheOneBefore() throws {
        let bench = try Bench()
        try bench.file.save(Self.state(1))
        try bench.file.save(Self.state(2))
        unlink(bench.path)
        let found = try bench.file.load()
        #expect(found.state == Self.state(1))
        #expect(found.warning == "\(bench.path) is missing; going on with \(bench.path).previous")
    }

    @Test func twoSpoiltFilesAreAnErrorThatNamesTheNewerOne() throws {
        let bench = try Bench()
        try bench.folder.write("node-7.json", [0x7B])
        try bench.folder.write("node-7.json.previous", [0x5B])
        do throws(ConfigurationError) {
            _ = try bench.file.load()
            Issue.record("accepted")
        } catch {
            #expect(
                error.description
                    == "\(bench.path):1: not JSON: expected a key in quotes; "
                    + "allowed: a whole state file; move this one away to start without state"
            )
        }
    }

    @Test(arguments: [4, 5, 1_000_000])
    func aNewerFormatIsNotTouched(version: Int) throws {
        let bench = try Bench()
        try bench.file.save(Self.state(1))
        try bench.file.save(Self.state(2))
        // Keys of a later version are not what stops it.
        let text = "{\"format_version\":\(version),\"what_comes\":[1]}"
        try bench.folder.write("node-7.json", Array(text.utf8))
        do throws(ConfigurationError) {
            _ = try bench.file.load()
            Issue.record("accepted")
        } catch {
            #expect(
                error.description
                    == "\(bench.path):1: key 'format_version': written by a newer thicketd; "
                    + "allowed: 3; install that version again"
            )
        }
    }

    @Test(arguments: [
        ("\"enrolled_nodes\":1,", "", "key 'enrolled_nodes': missing; allowed: a number"),
        (
            "\"enrolled_nodes\":1", "\"enrolled_nodes\":65536",
            "key 'enrolled_nodes': out of range: 65536; allowed: 0...65535"
        ),
        (
            "\"groups\":[20001]", "\"groups\":[" + (1...21).map(String.init).joined(separator: ",") + "]",
            "key 'groups': too long; allowed: at most 20"
        ),
        (
            "\"preferred_partners\":[]", "\"preferred_partners\":[1,2,3,4,5,6,7,8,9]",
            "key 'preferred_partners': too long; allowed: at most 8"
        ),
        (
            "\"live_report_level\":50", "\"live_report_level\":256",
            "key 'live_report_level': out of range: 256; allowed: 0...255"
        ),
        (
            "\"clustering\":null", "\"clustering\":\"tidy\"",
            "key 'clustering': unknown value 'tidy'; allowed: classic, graft"
        ),
        (
            "\"planned_clustering\":null", "\"planned_clustering\":{\"clustering\":\"graft\"}",
            "key 'planned_clustering.at': missing; allowed: a number"
        ),
        (
            "\"graft_generation\":null", "\"graft_generation\":65536",
            "key 'graft_generation': out of range: 65536; allowed: 0...65535"
        ),
        (
            "\"inactive_modules\":[]", "\"inactive_modules\":[2147483648]",
            "key 'inactive_modules[0]': no module id: 2147483648"
        ),
    ])
    func mistakesAreNamed(part: String, other: String, message: String) throws {
        let text = StateFile.encoded(Self.state(1)).line
        let range = try #require(text.firstRange(of: part))
        do throws(ConfigurationError) {
            _ = try StateFile.decoded(text.replacing(range, with: other), file: "f")
            Issue.record("accepted: \(other)")
        } catch {
            #expect(error.message == message)
        }
    }

    @Test func randomChangesNeverTrap() throws {
        var random = SplitMix.announced("StateFileTests.randomChangesNeverTrap")
        for _ in 0..<3000 {
            var bytes = Array(StateFile.encoded(Self.randomState(&random)).line.utf8)
            for _ in 0...random.below(3) { bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8)) }
            do throws(ConfigurationError) {
                let state = try StateFile.decoded(String(decoding: bytes, as: UTF8.self), file: "f")
                let again = try StateFile.decoded(StateFile.encoded(state).line, file: "f")
                #expect(again == state, "seed \(random.seed)")
            } catch {
                #expect(error.file == "f", "seed \(random.seed)")
            }
        }
    }

    // MARK: - Saving

    @Test func whatACrashLeftBesideDoesNotMatter() throws {
        let bench = try Bench()
        try bench.file.save(Self.state(1))
        try bench.folder.write("node-7.json.new", [UInt8](repeating: 0x78, count: 10_000))
        #expect(try bench.file.load() == StateFile.Found(state: Self.state(1)))
        try bench.file.save(Self.state(2))
        #expect(try bench.file.load() == StateFile.Found(state: Self.state(2)))
        #expect(try bench.folder.read("node-7.json.new") == nil)
    }

    @Test func aFolderThatIsMissingIsAnError() throws {
        let bench = try Bench()
        let path = bench.folder.path + "/missing/node-7.json"
        #expect(throws: SystemError("create \(path).new", code: ENOENT)) {
            try StateFile(path: path).save(Self.state(1))
        }
    }

    /// The limit of file sizes stands for a full disk; it holds for a whole process, so the test has one for itself.
    @Test func aFullDiskLeavesTheOldStateUnharmed() async {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            let bench = try Bench()
            try bench.file.save(Self.state(1))
            var limit = rlimit(rlim_cur: 20, rlim_max: rlim_t.max)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            #expect(throws: SystemError("write", code: EFBIG)) { try bench.file.save(Self.state(2)) }
            try #require(try bench.file.load() == StateFile.Found(state: Self.state(1)))
            limit.rlim_cur = rlim_t.max
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            try bench.file.save(Self.state(3))
            try #require(try bench.file.load() == StateFile.Found(state: Self.state(3)))
        }
    }

    @Test(arguments: ["{}", #"{"format_versioo":1}"#, #"{"format_version":"1"}"#, #"{"format_version":0}"#])
    func aVersionThatIsSpoiltFallsBack(text: String) throws {
        let bench = try Bench()
        try bench.file.save(Self.state(4))
        try bench.file.save(Self.state(5))
        let file = FileDescriptor(open(bench.path, O_WRONLY | O_TRUNC))
        try file.writeAll(Array(text.utf8))
        let found = try bench.file.load()
        #expect(found.state == Self.state(4))
        #expect(found.warning?.contains("going on with") == true)
    }

    /// A file of version 2 is one of a node that nobody enrolled over the air; one of version 3 must say.
    @Test func anEnrolmentIsNeverLostInSilence() throws {
        let text = StateFile.encoded(PersistentState()).line
        let older = text.replacing(#","enrolment":null"#, with: "")
        #expect(throws: ConfigurationError.self) { _ = try StateFile.decoded(older, file: "f") }
        let version2 = older.replacing(#""format_version":3"#, with: #""format_version":2"#)
        #expect(try StateFile.decoded(version2, file: "f").enrolment == nil)
        var removed = PersistentState()
        removed.enrolment = .removed
        #expect(try StateFile.decoded(StateFile.encoded(removed).line, file: "f") == removed)
        let spoilt = StateFile.encoded(removed).line.replacing("ffffffffffffffff", with: "ff")
        #expect(throws: ConfigurationError.self) { _ = try StateFile.decoded(spoilt, file: "f") }
    }

    @Test func anUnknownModeIsNotResetInSilence() throws {
        let text = StateFile.encoded(PersistentState()).line
        let spoilt = text.replacing("\"preferred_mode\":0", with: "\"preferred_mode\":9")
        #expect(spoilt != text)
        #expect(throws: ConfigurationError.self) { _ = try StateFile.decoded(spoilt, file: "f") }
    }
}

extension String {
    fileprivate func replacing(_ range: Range<String.Index>, with other: String) -> String {
        var text = self
        text.replaceSubrange(range, with: other)
        return text
    }
}
