import Glibc
import Logging
import MeshConfiguration
import MeshControl
import MeshWire
import RadioPort
import Testing

@testable import MeshDaemon

/// Lines on standard error.
@Suite struct LogTests {
    private static func say() {
        var log = Logger(label: "test") { _ in StandardErrorLog() }
        log.logLevel = .info
        log[metadataKey: "node"] = "7"
        log.debug("not to be seen")
        log.info("one\ntwo\u{7F}", metadata: ["b": "2", "a": "1\r"])
        log.notice("n")
        log.warning("w", metadata: ["node": "8"])
        log.error("e")
    }

    @Test func journaldReadsPrioritiesAndOneLineEach() async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            setenv("JOURNAL_STREAM", "8:1", 1)
            Self.say()
        }
        let lines = String(decoding: try #require(result).standardErrorContent, as: UTF8.self).split(separator: "\n")
        #expect(
            lines.filter { $0.first == "<" } == [
                "<6>one?two? a=1? b=2 node=7", "<5>n node=7", "<4>w node=8", "<3>e node=7",
            ]
        )
    }

    @Test func peopleReadTheTimeOfDay() async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            unsetenv("JOURNAL_STREAM")
            Self.say()
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        let lines = text.split(separator: "\n").filter { $0.contains("node=") }
        #expect(
            lines.map { $0.dropFirst(13) } == [
                "info one?two? a=1? b=2 node=7", "notice n node=7", "warning w node=8", "error e node=7",
            ]
        )
        for line in lines {
            let time = line.prefix(13).map { $0.isNumber ? "0" : $0 }
            #expect(String(time) == "00:00:00.000 ")
        }
    }

    @Test func levelsKeepTheirNames() {
        #expect(LogLevel.allCases.map(\.level) == [.debug, .info, .warning, .error])
        let notices: [RadioNotice.Level] = [.debug, .info, .warning, .error]
        #expect(notices.map(\.level) == [.debug, .info, .warning, .error])
    }

    @Test func valuesAreMetadataWithoutQuotes() {
        let object: JSONObject = ["name": "a b", "count": 3, "is_up": true, "none": .null]
        #expect(object.metadata == ["name": "a b", "count": "3", "is_up": "true", "none": "null"])
    }
}
