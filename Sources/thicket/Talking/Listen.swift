import ArgumentParser
import Glibc
import MeshControl
import MeshWire

/// Application data from other nodes.
struct Listen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen",
        abstract: "Show the messages that arrive for programs, and receive files, until Ctrl-C.",
        discussion: """
            Messages to the node itself, to its groups and to all are shown. What 'thicket send' sends to this node is confirmed \
            as soon as it is shown, or stored: one listener at a node is enough. Files are taken with --save only, at most 16 MiB \
            each and 8 transfers at a time, and never overwrite another. Examples:
              thicket listen
              thicket listen --json | your-program
              thicket listen --from 7 --save incoming
            With --json each line is an object. "kind":"listening" comes first. "message" has "from", "to", "at_s", "text" or, \
            if it is none, "hex", and whether it was "confirmed"; "file" has "name", "bytes", "crc32" and "path"; "transfer" \
            tells that one "began" or "failed". Exit codes: 0 ended, 1 no folder to save to, 3 daemon not reachable, 64 usage.
            """
    )

    @Option(
        help: ArgumentHelp("Only what this node sends; others get no confirmation.", valueName: "node"),
        transform: OptionValue.oneNode
    )
    var from: MeshTarget?

    @Option(help: ArgumentHelp("Take files, and put them here.", valueName: "folder"), completion: .directory)
    var save: String?

    @Option(
        name: [.customShort("c"), .long],
        help: "End after so many messages and files.",
        transform: OptionValue.whole("number of messages", 1...1_000_000)
    )
    var count: Int?

    @OptionGroup var live: LiveOptions

    func validate() throws {
        if from?.isSink == true { throw ValidationError("--from wants the number of a node, 1...1999") }
    }

    func run() throws {
        if let save, access(save, W_OK | X_OK) != 0 {
            Console.note("error: cannot save to \(save): \(String(cString: strerror(errno)))")
            throw ExitStatus.degraded.code
        }
        Interrupt.watch()
        var mesh = try MeshDialogue(path: live.path)
        let own = try mesh.ownNode()
        var listener = Listener(own: own, from: from?.id, files: save.map(SavedFiles.init(folder:)), json: live.json)
        listener.begin()
        let begin = ContinuousClock.now
        while !Interrupt.isRequested, count.map({ listener.shown < $0 }) ?? true {
            // Silent senders are noticed within a second.
            let delivery = try mesh.next(before: .now + .seconds(1))
            let now = MeshDialogue.microseconds(since: begin)
            for reply in listener.take(delivery, at: now) { try mesh.send(reply) }
        }
    }
}
