import MeshConfiguration
import Testing

/// The keys that only a daemon reads.
@Suite struct DaemonSettingsTests {
    private static let head = "node: 1\nkey: 000102030405060708090a0b0c0d0e0f\n"

    private static func settings(_ text: String) throws -> DaemonSettings {
        try NodeConfigurationFile(yaml: head + text, file: "n.yaml").daemon
    }

    @Test func everyKeyMayBeLeftOut() throws {
        let settings = try Self.settings("")
        #expect(settings.radio == "hci")
        #expect(settings.adapter == "hci0")
        #expect(settings.stateFolder == "/var/lib/thicket")
        #expect(settings.control == "/run/thicket/control.sock")
        #expect(settings.log == .info)
        #expect(settings.capture == nil)
        #expect(settings.record == nil)
        let history = try #require(settings.history)
        #expect(history.file == nil && history.rows == 5000 && history.days == 400)
        #expect(settings.clients == 16)
        #expect(settings.backlog == 262_144)
    }

    @Test func everyKeyArrives() throws {
        let settings = try Self.settings(
            """
            radio: h4:unix:/run/controller
            adapter: hci3
            state: /tmp/state
            control: /tmp/control
            log: warning
            capture: { folder: /tmp/capture, files: 7, size: 20000, keys: true }
            record: { folder: /tmp/record, files: 9, size: 300000, secrets: include }
            limits: { clients: 3, backlog: 20000 }
            """
        )
        #expect(settings.radio == "h4:unix:/run/controller")
        #expect(settings.adapter == "hci3")
        #expect(settings.stateFolder == "/tmp/state")
        #expect(settings.control == "/tmp/control")
        #expect(settings.log == .warning)
        let capture = try #require(settings.capture)
        #expect(capture.folder == "/tmp/capture")
        #expect(capture.files == 7 && capture.fileBytes == 20_000 && capture.includesKeys)
        let record = try #require(settings.record)
        #expect(record.folder == "/tmp/record" && record.secrets == .include)
        #expect(record.files == 9 && record.fileBytes == 300_000)
        #expect(settings.clients == 3)
        #expect(settings.backlog == 20_000)
    }

    @Test func aHistoryMayBeElsewhereAndBiggerOrNone() throws {
        let kept = try #require(try Self.settings("history: { file: /srv/h.sqlite, rows: 100, days: 3650 }").history)
        #expect(kept.file == "/srv/h.sqlite" && kept.rows == 100 && kept.days == 3650)
        #expect(try Self.settings("history: { enabled: false }").history == nil)
        #expect(try Self.settings("history: {}").history == Self.settings("").history)
        let file = try NodeConfigurationFile(yaml: Self.head + "state: /tmp/s", file: "n.yaml")
        #expect(file.historyPath == "/tmp/s/node-1.sqlite")
    }

    @Test func anEmptyCaptureTakesTheDefaults() throws {
        let capture = try #require(try Self.settings("capture: {}").capture)
        #expect(capture.folder == nil)
        #expect(capture.files == 4 && capture.fileBytes == 4_000_000 && !capture.includesKeys)
    }

    @Test func anEmptyRecordingTakesTheDefaults() throws {
        let record = try #require(try Self.settings("record: {}").record)
        #expect(record == DaemonSettings.Record())
        #expect(record.folder == nil && record.secrets == .exclude)
        #expect(record.files == 4 && record.fileBytes == 16_000_000)
    }

    @Test(arguments: [
        "record: { files: 1 }", "record: { size: 100000 }", "record: { secrets: exclude }",
        "capture: { files: 1 }", "capture: { files: 1000 }", "capture: { size: 10000 }",
        "capture: { size: 1000000000 }", "limits: { clients: 1 }", "limits: { clients: 1000 }",
        "limits: { backlog: 16384 }", "limits: { backlog: 16777216 }", "limits: {}", "adapter: hci65534",
        "log: debug", "log: info", "log: error", "capture: { keys: false }",
    ])
    func endsOfRangesAreAllowed(text: String) throws {
        _ = try Self.settings(text)
    }

    @Test func theControlSocketHasAtMost107Bytes() throws {
        let path = "/" + String(repeating: "x", count: 106)
        #expect(try Self.settings("control: \(path)").control == path)
        Self.expect("control: \(path)x", "key 'control': too long; allowed: a path of at most 107 bytes")
        let accented = "/" + String(repeating: "é", count: 54)
        Self.expect("control: \(accented)", "key 'control': too long; allowed: a path of at most 107 bytes")
    }

    private static func expect(_ text: String, _ message: String, sourceLocation: SourceLocation = #_sourceLocation) {
        do throws(ConfigurationError) {
            _ = try NodeConfigurationFile(yaml: head + text, file: "n.yaml")
            Issue.record("accepted: \(text)", sourceLocation: sourceLocation)
        } catch {
            #expect(error.description == "n.yaml:3: " + message, sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: [
        ("radio: ''", "key 'radio': expected text, found ''; allowed: hci, dbus or an H4 address"),
        ("radio: [hci]", "key 'radio': expected text, found a list; allowed: hci, dbus or an H4 address"),
        ("adapter:", "key 'adapter': expected text, found nothing; allowed: hci0...hci65534"),
        ("adapter: hci655340", "key 'adapter': too long; allowed: at most 8 characters"),
        ("state: {}", "key 'state': expected text, found a group of keys; allowed: a folder"),
        ("control: ~", "key 'control': expected text, found nothing; allowed: a path of at most 107 bytes"),
        ("log: loud", "key 'log': unknown value 'loud'; allowed: debug, info, warning, error"),
        ("log: [info]", "key 'log': expected a name, found a list; allowed: debug, info, warning, error"),
        ("capture: true", "key 'capture': expected a group of keys, found 'true'; allowed: folder, files, size, keys"),
        ("capture:", "key 'capture': expected a group of keys, found nothing; allowed: folder, files, size, keys"),
        ("capture: { file: 1 }", "key 'capture.file': unknown key; allowed: folder, files, size, keys"),
        ("capture: { folder: '' }", "key 'capture.folder': expected text, found ''; allowed: a folder"),
        ("capture: { files: 0 }", "key 'capture.files': out of range: 0; allowed: 1...1000"),
        ("capture: { files: 1001 }", "key 'capture.files': out of range: 1001; allowed: 1...1000"),
        ("capture: { size: 9999 }", "key 'capture.size': out of range: 9999; allowed: 10000...1000000000 bytes"),
        (
            "capture: { size: 1000000001 }",
            "key 'capture.size': out of range: 1000000001; allowed: 10000...1000000000 bytes"
        ),
        (
            "capture: { size: 4MB }",
            "key 'capture.size': expected a whole number, found '4MB'; allowed: 10000...1000000000 bytes"
        ),
        ("capture: { keys: 1 }", "key 'capture.keys': expected true or false, found '1'; allowed: true, false"),
        ("record: on", "key 'record': expected a group of keys, found 'on'; allowed: folder, files, size, secrets"),
        ("record: { files: 0 }", "key 'record.files': out of range: 0; allowed: 1...1000"),
        ("record: { size: 99999 }", "key 'record.size': out of range: 99999; allowed: 100000...1000000000 bytes"),
        ("record: { secrets: no }", "key 'record.secrets': unknown value 'no'; allowed: exclude, include"),
        ("history: off", "key 'history': expected a group of keys, found 'off'; allowed: enabled, file, rows, days"),
        ("history: { rows: 99 }", "key 'history.rows': out of range: 99; allowed: 100...1000000"),
        ("history: { days: 0 }", "key 'history.days': out of range: 0; allowed: 1...3650"),
        ("limits: 3", "key 'limits': expected a group of keys, found '3'; allowed: clients, backlog"),
        ("limits: { client: 3 }", "key 'limits.client': unknown key; allowed: clients, backlog"),
        ("limits: { clients: 0 }", "key 'limits.clients': out of range: 0; allowed: 1...1000"),
        ("limits: { clients: 1001 }", "key 'limits.clients': out of range: 1001; allowed: 1...1000"),
        ("limits: { backlog: 16383 }", "key 'limits.backlog': out of range: 16383; allowed: 16384...16777216 bytes"),
        (
            "limits: { backlog: 16777217 }",
            "key 'limits.backlog': out of range: 16777217; allowed: 16384...16777216 bytes"
        ),
    ])
    func mistakesAreNamed(text: String, message: String) {
        Self.expect(text, message)
    }
}
