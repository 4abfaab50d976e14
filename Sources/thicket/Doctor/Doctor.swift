import ArgumentParser
import MeshControl
import MeshDoctor

/// Whether a node can run on this machine.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Tell whether a node can run on this machine, and what stands in the way.",
        discussion: """
            Looks at kernel, adapters, firmware, switches, Wi-Fi, bluetoothd, configuration, rights and clock. It changes \
            nothing and needs no daemon; one that runs is asked what it knows. Each line is ok, warn (a node runs, but worse \
            than it could, or something could not be seen) or FAIL (no node can run), with the way to mend it.

            Exit codes: 0 all is ok, 1 a warning or a failure, 64 usage.

            Examples:
              sudo thicket doctor
              thicket doctor --adapter hci1 --json
            """
    )

    @Option(
        help: ArgumentHelp("Only this adapter, such as hci1; else all.", valueName: "adapter"),
        transform: Doctor.adapterName
    )
    var adapter: String?

    @OptionGroup var live: LiveOptions

    func run() throws {
        let control = live.node.map { _ in live.path }
        let findings = Examination(.this, adapter: adapter, control: control).findings()
        let verdict = Verdict(findings)
        if live.json {
            for line in findings.map(\.object.line) + [verdict.object.line] { Console.line(line) }
        } else {
            for line in findings.flatMap(Self.lines) + [verdict.text] { Console.line(line) }
        }
        guard verdict.result == .ok else { throw ExitStatus.degraded.code }
    }

    /// One finding for people.
    static func lines(_ finding: Finding) -> [String] {
        let word = finding.result == .fail ? "FAIL" : finding.result.rawValue
        let subject = [finding.check, finding.adapter].compactMap(\.self).joined(separator: " ")
        let text = DecimalText.left(word, 5) + DecimalText.left(subject, 15) + finding.found
        let fix = finding.fix.map { DecimalText.left("fix", 20) + $0 }
        return [text, fix].compactMap(\.self).flatMap { FoldedText.lines($0, indent: 20) }
    }

    /// Refuses what is no name of an adapter.
    @Sendable private static func adapterName(_ text: String) throws -> String {
        guard Examination.isAdapterName(text) else { throw ValidationError("'\(text)' is no adapter; write hci0") }
        return text
    }
}
