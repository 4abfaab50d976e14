import MeshConfiguration
import MeshCore
import MeshWire
import RadioPort
import Testing

/// The configuration of one node.
@Suite struct NodeConfigurationFileTests {
    private static let key = "000102030405060708090a0b0c0d0e0f"

    @Test func nodeNetworkAndKeySuffice() throws {
        let configuration = try NodeConfigurationFile(yaml: "node: 7\nnetwork: 12\nkey: \(Self.key)", file: "n.yaml")
        #expect(configuration.node == NodeID(7))
        #expect(configuration.network == NetworkID(12))
        #expect(configuration.key == Array(0...15))
        #expect(configuration.name == nil && !configuration.isSink)
        #expect(configuration.linksIn == 2 && configuration.linksOut == 3)
        #expect(configuration.discovery == .high)
        #expect(configuration.serial == nil && configuration.address == nil)
    }

    @Test func everyKeyArrives() throws {
        let configuration = try NodeConfigurationFile(
            yaml: """
                node: 1999
                key: "22222222222222222222222222222222"
                name: attic
                sink: true
                links: { in: 1, out: 0 }
                discovery: low
                serial: FMBBC
                address: C0:00:00:00:00:07
                """,
            file: "n.yaml"
        )
        #expect(configuration.node == NodeID(1999))
        #expect(configuration.network == NetworkID(11))
        #expect(configuration.key == [UInt8](repeating: 0x22, count: 16))
        #expect(configuration.name == "attic" && configuration.isSink)
        #expect(configuration.linksIn == 1 && configuration.linksOut == 0)
        #expect(configuration.discovery == .low)
        #expect(configuration.serial == SerialNumber(2_673_001))
        #expect(configuration.address == [0xC0, 0, 0, 0, 0, 7])
    }

    @Test(arguments: [
        ("node: 0", "2: key 'node': out of range: 0; allowed: 1...1999"),
        ("node: 2000", "2: key 'node': out of range: 2000; allowed: 1...1999"),
        (
            "nod: 1",
            "2: key 'nod': unknown key; "
                + "allowed: node, network, key, key_file, device_key, device_key_file, open_enrolment, name, sink, links, "
                + "discovery, clustering, decision, serial, address, radio, adapter, state, control, log, capture, record, history, limits"
        ),
        ("name: x", "1: key 'node': missing; allowed: 1...1999"),
        ("node: 1\nnetwork: 65281", "3: key 'network': out of range: 65281; allowed: 0, 2...65280"),
        ("node: 1\nsink: yes", "3: key 'sink': expected true or false, found 'yes'; allowed: true, false"),
        ("node: 1\nlinks: {in: 3}", "3: key 'links.in': out of range: 3; allowed: 0...2"),
        ("node: 1\nlinks: {out: -1}", "3: key 'links.out': out of range: -1; allowed: 0...3"),
        ("node: 1\ndiscovery: fast", "3: key 'discovery': unknown value 'fast'; allowed: high, low"),
        (
            "node: 1\nserial: AEIOU",
            "3: key 'serial': not a serial number: 'AEIOU'; allowed: 5 or 7 of BCDFGHJKLMNPQRSTVWXYZ123456789"
        ),
        (
            "node: 1\naddress: 00:00:00:00:00:07",
            "3: key 'address': not such an address: '00:00:00:00:00:07'; "
                + "allowed: a static random address, c0:00:00:00:00:00...ff:ff:ff:ff:ff:ff"
        ),
    ])
    func mistakesAreNamed(text: String, line: String) {
        do {
            _ = try NodeConfigurationFile(yaml: "key: \(Self.key)\n" + text, file: "n.yaml")
            Issue.record("accepted: \(text)")
        } catch {
            #expect(error.description == "n.yaml:" + line)
        }
    }

    // MARK: - Enrolment

    @Test func aNodeMayWaitForItsEnrolment() throws {
        let deviceKey = String(repeating: "5a", count: 16)
        let node = try NodeConfigurationFile(yaml: "node: 4\nnetwork: 0\ndevice_key: \(deviceKey)", file: "n.yaml")
        #expect(node.network == .notEnrolled && node.key == nil)
        #expect(node.identity.keys == NodeKeys(network: .unset, node: Key128(repeating: 0x5A)))
        #expect(!node.behaviour(tracing: false).acceptsZeroKey)
        let open = try NodeConfigurationFile(yaml: "node: 4\nnetwork: 0\nopen_enrolment: true", file: "n.yaml")
        #expect(open.identity.keys == NodeKeys(network: .unset, node: .unset))
        #expect(open.behaviour(tracing: false).acceptsZeroKey)
    }

    /// The node key of stock builds, which everybody knows, opens no daemon.
    @Test func aMemberOpensToItsOwnDeviceKeyAlone() throws {
        let member = try NodeConfigurationFile(yaml: "node: 4\nkey: \(Self.key)", file: "n.yaml")
        #expect(member.identity.keys.node == .unset)
    }

    @Test(arguments: [
        (
            "network: 0",
            "1: key 'device_key': missing; allowed: 32 hexadecimal digits, 'device_key_file', or 'open_enrolment: true'"
        ),
        (
            "network: 0\nkey: \(key)",
            "3: key 'key': a key of no network; allowed: only beside a network; enrolment brings the key"
        ),
        (
            "network: 0\ndevice_key: ab",
            "3: key 'device_key': not so many bytes in hexadecimal; allowed: 32 hexadecimal digits"
        ),
        (
            "network: 0\ndevice_key: \(key)\ndevice_key_file: d.key",
            "4: key 'device_key_file': a second device key beside 'device_key'; allowed: one of device_key, device_key_file"
        ),
        (
            "key: \(key)\nopen_enrolment: true",
            "3: key 'open_enrolment': the node is enrolled; allowed: true only beside 'network: 0'"
        ),
        ("network: 1\nkey: \(key)", "2: key 'network': out of range: 1; allowed: 0, 2...65280"),
    ])
    func mistakesAboutEnrolmentAreNamed(text: String, line: String) {
        do {
            _ = try NodeConfigurationFile(yaml: "node: 1\n" + text, file: "n.yaml")
            Issue.record("accepted: \(text)")
        } catch {
            #expect(error.description == "n.yaml:" + line)
        }
    }

    @Test func aKeyIsNeverRepeatedInAnError() {
        do {
            _ = try NodeConfigurationFile(yaml: "node: 1\nkey: \(Self.key)00", file: "n.yaml")
            Issue.record("the key is too long")
        } catch {
            #expect(
                error.description
                    == "n.yaml:2: key 'key': not so many bytes in hexadecimal; allowed: 32 hexadecimal digits"
            )
        }
    }
}
