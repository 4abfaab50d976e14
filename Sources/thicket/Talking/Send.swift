import ArgumentParser
import ByteCoding
import MeshControl
import MeshWire

/// Application data to other nodes.
struct Send: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send a text, bytes or a file to a node, a group, the sink or everybody.",
        discussion: """
            Whoever runs 'thicket listen' at a single node confirms what arrives there; if nobody does, a short message is sent \
            all the same and 'not confirmed' is said. To groups and to all, messages have at most 192 bytes and are never \
            confirmed. A file goes to one listener that saves files, with a checksum; what an interrupted transfer brought is \
            not sent again. Examples:
              thicket send --to 7 'door open'
              thicket send --to all --hex 01ff
              thicket send --to sink --file report.pdf
              producer | thicket send --stream
            With --stream, each line in is an object such as {"to":7,"text":"door open"} or {"to":"all","hex":"01ff"}, with \
            "confirm":true or false and an "id" (a number) if you like; one line out tells what became of each, in order. \
            Exit codes: 0 sent, 1 not delivered, 3 daemon not reachable, 64 usage, 65 bad file or line.
            """
    )

    @Option(
        help: ArgumentHelp("Who it is for.", valueName: "node|group|sink|all"),
        transform: OptionValue.meshTarget
    )
    var to: MeshTarget?

    @Argument(help: "The message.")
    var text: String?

    @Option(help: ArgumentHelp("The message in hexadecimal.", valueName: "digits"))
    var hex: String?

    @Option(help: ArgumentHelp("A file, at most 16 MiB.", valueName: "path"), completion: .file())
    var file: String?

    @Flag(help: "Messages are JSON lines on standard input.")
    var stream = false

    @Flag(inversion: .prefixedNo, help: "Whether a listener must confirm; without either: if there is one.")
    var confirm: Bool?

    @OptionGroup var live: LiveOptions

    func validate() throws {
        let contents = [text != nil, hex != nil, file != nil, stream].count { $0 }
        guard contents == 1 else { throw ValidationError("give one of: a text, --hex, --file, --stream") }
        if stream {
            guard to == nil else { throw ValidationError("with --stream, each line says who it is for") }
            return
        }
        guard let to else { throw ValidationError("say who it is for: --to with \(MeshTarget.forms)") }
        if let text, text.isEmpty { throw ValidationError("the message is empty") }
        if let hex, Hex.decode(hex)?.isEmpty != false {
            throw ValidationError("'\(hex.prefix(40))' is no hexadecimal; write pairs of digits such as 01ff")
        }
        if file != nil, !to.isOneNode { throw ValidationError("a file goes to a single node, not to \(to.name)") }
        if file != nil, confirm == false { throw ValidationError("a file is always confirmed") }
        if confirm == true, !to.isOneNode { throw ValidationError("only a single node confirms, not \(to.name)") }
        let size = text.map(\.utf8.count) ?? hex.map { $0.utf8.count / 2 } ?? 0
        guard size <= Self.messageBytesMax else {
            throw ValidationError("a message has at most \(Self.messageBytesMax) bytes; send a file")
        }
        if !to.isOneNode || confirm == false, size > MeshDialogue.datagramBytesMax {
            let limit = MeshDialogue.datagramBytesMax
            throw ValidationError("without confirmation a message has at most \(limit) bytes, not \(size)")
        }
    }

    /// Bytes of a message; it is read as a whole by whoever listens.
    static let messageBytesMax = 65_536

    func run() throws {
        let content = try file.map { try FileContent.read($0, atMost: TransferLimits.bytes) }
        Interrupt.watch()
        var mesh = try MeshDialogue(path: live.path)
        if stream {
            var lines = SendStream()
            try lines.run(&mesh, Self.confirmation(confirm))
        } else if let file, let content, let to {
            try sendFile(content, file, to: to, &mesh)
        } else if let to {
            let bytes = text.map { Array($0.utf8) } ?? hex.flatMap { Hex.decode($0) } ?? []
            let delivered = try mesh.deliver(bytes, to: to, Self.confirmation(confirm))
            let shipment = try explained(delivered, to, &mesh)
            try tell(shipment, Self.object(shipment, to: to, bytes: bytes.count), "\(bytes.count) bytes", to)
        }
    }

    static func confirmation(_ wish: Bool?) -> Confirmation {
        wish.map { $0 ? .required : .none } ?? .ifPossible
    }

    private func sendFile(
        _ content: [UInt8],
        _ file: String,
        to target: MeshTarget,
        _ mesh: inout MeshDialogue
    ) throws {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        let note = TransferNote(file: content, name: name)
        let sender = TransferSender(content, note: note, patience: .long)
        let begin = ContinuousClock.now
        let transferred = try mesh.transfer(sender, to: target) { transfer in
            Console.progress(Self.progress(transfer, content.count, since: begin), besideJSON: live.json)
        }
        let shipment = try explained(transferred, target, &mesh)
        Console.progress("", besideJSON: live.json)
        let checksum = Self.digits(note.checksum)
        var object = Self.object(shipment, to: target, bytes: content.count)
        object.append("name", text: note.name)
        object.append("crc32", text: checksum)
        object.append("repeated", integer: shipment.repeated)
        object.append("duration_s", .seconds(shipment.duration))
        let seconds = DecimalText.fixed(Double(shipment.duration) / 1e6, 1)
        let what = "\(note.name), \(content.count) bytes, CRC-32 \(checksum), in \(seconds) s"
        if shipment.outcome != .confirmed, shipment.node != nil {
            Console.note("what has arrived is kept for ten minutes: the same command goes on from there")
        }
        try tell(shipment, object, what, target)
    }

    /// The same, with the reason if nobody answered because there is no such node.
    private func explained(
        _ shipment: Shipment,
        _ target: MeshTarget,
        _ mesh: inout MeshDialogue
    ) throws -> Shipment {
        let isFailure = shipment.outcome == .failed(MeshDialogue.nobody)
        guard isFailure || shipment.outcome == .sent && confirm == nil, target.isOneNode, !target.isSink,
            !Interrupt.isRequested, let reason = try mesh.explainAbsence(of: target.id)
        else { return shipment }
        guard isFailure else {
            Console.note("note: \(reason)")
            return shipment
        }
        var shipment = shipment
        shipment.outcome = .failed(reason)
        return shipment
    }

    /// A checksum as eight digits.
    static func digits(_ checksum: UInt32) -> String { String(Hex.encode(UInt64(checksum)).suffix(8)) }

    private static func progress(
        _ transfer: TransferSender,
        _ bytes: Int,
        since begin: ContinuousClock.Instant
    ) -> String {
        guard transfer.isAccepted else { return "waiting for a listener" }
        let done = min(bytes, Int(transfer.confirmed) * TransferLimits.chunkBytes)
        let rate = Double(done) / max(1, Double(MeshDialogue.microseconds(since: begin))) * 1e6
        return
            "\(done) of \(bytes) bytes, \(DecimalText.fixed(rate, 0)) bytes/s, \(transfer.repeated) chunks sent again"
    }

    // MARK: - Output

    /// What became of data, for programs.
    static func object(_ shipment: Shipment, to target: MeshTarget, bytes: Int) -> JSONObject {
        var object = JSONObject(kind: "sent")
        object.append("to", integer: target.id.rawValue)
        object.append("node", .optional(shipment.node) { .unsigned(UInt64($0.rawValue)) })
        object.append("bytes", integer: bytes)
        object.append("confirmed", .bool(shipment.outcome == .confirmed))
        if case .failed(let reason) = shipment.outcome {
            object.append("error", text: reason)
        } else {
            object.append("error", .null)
        }
        return object
    }

    private func tell(_ shipment: Shipment, _ object: JSONObject, _ what: String, _ target: MeshTarget) throws {
        if live.json { Console.line(object.line) }
        switch shipment.outcome {
        case .confirmed:
            let node = shipment.node.map { "node \($0)" } ?? target.name
            if !live.json { Console.line("\(node) confirms \(what)") }
        case .sent:
            let why = target.isOneNode && confirm == nil ? ": no listener answers there" : ""
            if !live.json { Console.line("\(what) sent to \(target.name), not confirmed\(why)") }
        case .failed(let reason):
            Console.note("not delivered to \(target.name): \(reason)")
            throw ExitStatus.degraded.code
        }
    }
}
