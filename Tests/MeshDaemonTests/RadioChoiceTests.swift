import LinuxSystem
import MeshConfiguration
import RadioPort
import Testing

@testable import MeshDaemon

/// Radios by their names.
@Suite struct RadioChoiceTests {
    private static func file(_ text: String) throws -> NodeConfigurationFile {
        try NodeConfigurationFile(yaml: "node: 1\nkey: 000102030405060708090a0b0c0d0e0f\n" + text, file: "n.yaml")
    }

    @Test(arguments: [
        ("radio: h4:unix:/a", "h4", "h4:unix:/a"), ("radio: h4:tcp:localhost:6402", "h4", "h4:tcp:localhost:6402"),
        ("radio: h4:pty:/dev/pts/0", "h4", "h4:pty:/dev/pts/0"), ("adapter: hci65534", "hci", "hci65534"),
        ("radio: hci", "hci", "hci0"),
    ])
    func aRadioIsMadeButNotStarted(text: String, kind: String, adapter: String) throws {
        let make = try RadioChoice.maker(for: try Self.file(text), name: "n.yaml")
        let radio = make(try EventLoop(), RadioObserver { _ in })
        #expect(radio.summary == RadioSummary(kind: kind, adapter: adapter, state: "closed"))
    }

    @Test(arguments: [
        ("radio: usb", "n.yaml: key 'radio': no such radio: 'usb'"),
        ("radio: 'h4:unix:'", "n.yaml: key 'radio': no such radio: 'h4:unix:'"),
        ("adapter: hci65535", "n.yaml: key 'adapter': no such adapter: 'hci65535'"),
        ("radio: dbus\nadapter: usb0", "n.yaml: key 'adapter': no such adapter: 'usb0'"),
    ])
    func othersAreRefused(text: String, line: String) throws {
        let file = try Self.file(text)
        do throws(ConfigurationError) {
            _ = try RadioChoice.maker(for: file, name: "n.yaml")
            Issue.record("accepted: \(text)")
        } catch {
            #expect(error.description.hasPrefix(line + "; allowed: "))
        }
    }
}
