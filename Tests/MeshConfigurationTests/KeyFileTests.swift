import Glibc
import MeshConfiguration
import Testing

/// A network key in a file of its own.
@Suite struct KeyFileTests {
    private static let key = "000102030405060708090a0b0c0d0e0f"

    /// A configuration file and the key file that it names, in a folder that goes with them.
    private final class Bench {
        let folder: String
        var configuration: String { folder + "/n.yaml" }
        var keyFile: String { folder + "/network.key" }

        init(_ text: String, keyText: String? = KeyFileTests.key + "\n", mode: mode_t = 0o600) throws {
            var template = Array("/tmp/thicket-key-XXXXXX".utf8CString)
            folder = try #require(mkdtemp(&template).map { String(cString: $0) })
            try write(text, to: configuration, mode: 0o644)
            if let keyText { try write(keyText, to: keyFile, mode: mode) }
        }

        deinit {
            unlink(configuration)
            unlink(keyFile)
            rmdir(folder)
        }

        private func write(_ text: String, to path: String, mode: mode_t) throws {
            let number = open(path, O_WRONLY | O_CREAT, 0o600)
            try #require(number >= 0)
            defer { close(number) }
            let bytes = Array(text.utf8)
            try #require(Glibc.write(number, bytes, bytes.count) == bytes.count)
            try #require(fchmod(number, mode) == 0)
        }

        func expect(_ line: String, sourceLocation: SourceLocation = #_sourceLocation) {
            do throws(ConfigurationError) {
                _ = try NodeConfigurationFile(path: configuration)
                Issue.record("accepted", sourceLocation: sourceLocation)
            } catch {
                #expect(error.description == line, sourceLocation: sourceLocation)
            }
        }
    }

    @Test(arguments: [0o600, 0o400] as [mode_t])
    func aFileOfItsOwnerIsRead(mode: mode_t) throws {
        // A relative path starts at the folder of the configuration.
        let bench = try Bench("node: 1\nkey_file: network.key\n", mode: mode)
        #expect(try NodeConfigurationFile(path: bench.configuration).key == Array(0...15))
        let absolute = "node: 1\nkey_file: \(bench.keyFile)\n"
        #expect(try NodeConfigurationFile(yaml: absolute, file: "n.yaml").key == Array(0...15))
    }

    @Test(arguments: ["\(key)", "  \(key)\r\n\n", "00010203 04050607\n08090A0B 0C0D0E0F"])
    func whiteSpaceDoesNotMatter(text: String) throws {
        let bench = try Bench("node: 1\nkey_file: network.key\n", keyText: text)
        #expect(try NodeConfigurationFile(path: bench.configuration).key == Array(0...15))
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o660, 0o666] as [mode_t])
    func aFileThatOthersMayUseIsRefused(mode: mode_t) throws {
        let bench = try Bench("node: 1\nkey_file: network.key\n", mode: mode)
        bench.expect(
            "\(bench.keyFile): others than its owner may read it; "
                + "allowed: mode 0600; run 'chmod 600 \(bench.keyFile)'"
        )
    }

    @Test(arguments: [
        (
            "node: 1\nkey: \(key)\nkey_file: network.key\n",
            "3: key 'key_file': a second network key beside 'key'; allowed: one of key, key_file"
        ),
        (
            "node: 1\nkey_file: network.key\nkey: \(key)\n",
            "2: key 'key_file': a second network key beside 'key'; allowed: one of key, key_file"
        ),
        ("node: 1\n", "1: key 'key': missing; allowed: 32 hexadecimal digits, or 'key_file'"),
        ("node: 1\nkey_file: ''\n", "2: key 'key_file': expected text, found ''; allowed: a path"),
    ])
    func oneKeyIsNeeded(text: String, line: String) throws {
        let bench = try Bench(text)
        bench.expect("\(bench.configuration):" + line)
    }

    @Test(arguments: ["", "00", "\(key)00", "\(key.dropLast())g", "key: \(key)"])
    func whatIsNoKeyIsRefusedAndNotRepeated(text: String) throws {
        let bench = try Bench("node: 1\nkey_file: network.key\n", keyText: text)
        bench.expect("\(bench.keyFile): no key; allowed: 32 hexadecimal digits")
    }

    @Test func aFileThatIsNotThereIsNamed() throws {
        let bench = try Bench("node: 1\nkey_file: network.key\n", keyText: nil)
        bench.expect("\(bench.keyFile): no such file")
        let folder = try Bench("node: 1\nkey_file: .\n", keyText: nil)
        folder.expect("\(folder.folder)/.: is a folder, not a file")
    }
}
