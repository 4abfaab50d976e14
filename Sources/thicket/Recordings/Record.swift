import ArgumentParser
import MeshControl

/// Whether what a node is told is recorded.
struct Record: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Record what the node is told, for 'thicket replay'.",
        discussion: """
            A recording begins at a start of the node, for only from there it can be replayed: 'on' begins one at the next \
            start, 'on --restart' restarts the node now, which drops its links and finds them again. This holds until the \
            daemon ends; 'record: {}' in its configuration makes it record always. The files lie where that says, by default \
            in the folder of the state.

            Examples:
              thicket record
              thicket record on --restart
              thicket record off
            """
    )

    /// What is wanted.
    enum Wish: String, CaseIterable, ExpressibleByArgument {
        case status
        case on
        case off
    }

    @Argument(help: "status, on or off.")
    var wish = Wish.status

    @Flag(help: "With 'on': restart the node now.")
    var restart = false

    @OptionGroup var live: LiveOptions

    func validate() throws {
        if restart, wish != .on { throw ValidationError("--restart goes with 'on'") }
    }

    func run() throws {
        let order: RecordOrder =
            switch wish {
            case .status: .status
            case .on: restart ? .restart : .on
            case .off: .off
            }
        try live.ask("record", ["order": .text(order.rawValue)]) { answer in
            if live.json {
                Console.line(answer.line)
            } else {
                for line in Self.lines(answer) { Console.line(line) }
            }
        }
    }

    /// The answer for people.
    static func lines(_ answer: ControlAnswer) -> [String] {
        let state = answer.text("state")
        let meaning =
            switch state {
            case "recording": "yes"
            case "waiting": "no; the next start of the node begins one"
            case "full": "no, the file is full; the next start of the node begins another"
            case "failed": "no, it failed: \(answer.text("reason"))"
            default: "no"
            }
        var lines = FoldedText.lines("recording \(meaning)", indent: 10)
        let path = answer.text("path", otherwise: "")
        if !path.isEmpty {
            lines += FoldedText.lines(
                "file      \(path), \(answer.text("inputs")) inputs, \(answer.text("bytes")) bytes",
                indent: 10
            )
        }
        return lines
    }
}
