import ByteCoding
import MeshConfiguration
import MeshControl

/// Messages that a program hands over line by line, and what became of each.
struct SendStream {
    /// What a line asks for.
    struct Order: Equatable {
        var target: MeshTarget
        var content: [UInt8]
        /// As the program said; nil if it did not.
        var confirm: Bool?
    }

    private var line = 0
    private var hasBadLines = false
    private var hasFailures = false

    /// Serves standard input to its end, or to Ctrl-C.
    mutating func run(_ mesh: inout MeshDialogue, _ confirmation: Confirmation) throws {
        while !Interrupt.isRequested, let text = readLine() {
            line += 1
            if text.allSatisfy(\.isWhitespace) { continue }
            Console.line(try answer(text, &mesh, confirmation).line)
        }
        if hasBadLines { throw ExitStatus.badInput.code }
        if hasFailures { throw ExitStatus.degraded.code }
    }

    private mutating func answer(
        _ text: String,
        _ mesh: inout MeshDialogue,
        _ confirmation: Confirmation
    ) throws -> JSONObject {
        let order: Order
        do throws(ConfigurationError) {
            order = try Self.order(text)
        } catch {
            hasBadLines = true
            var object = JSONObject(kind: "error")
            object.append("text", text: error.message)
            return numbered(object, text)
        }
        let wanted = order.confirm.map { Send.confirmation($0) } ?? confirmation
        let shipment = try mesh.deliver(order.content, to: order.target, wanted)
        if case .failed = shipment.outcome { hasFailures = true }
        return numbered(Send.object(shipment, to: order.target, bytes: order.content.count), text)
    }

    private func numbered(_ object: JSONObject, _ text: String) -> JSONObject {
        var object = object
        object.append("line", integer: line)
        if let id = Self.id(of: text) { object.append("id", .unsigned(id)) }
        return object
    }

    private static func id(of text: String) -> UInt64? {
        guard let document = try? DocumentNode(json: text, file: "line"),
            let keys = try? Field(document: document, file: "line").section([], ignoringOthers: true)
        else { return nil }
        return try? keys.optional("id")?.integer(0...UInt64.max)
    }

    /// Reads a line.
    ///
    /// - Throws: what is wrong with it.
    static func order(_ text: String) throws(ConfigurationError) -> Order {
        let document = Field(document: try DocumentNode(json: text, file: "line"), file: "line")
        let keys = try document.section(["to", "text", "hex", "confirm", "id"])
        let receiver = try keys.required("to", MeshTarget.forms)
        guard case .scalar(let name, _) = receiver.node.content, let target = MeshTarget(name) else {
            throw receiver.error("no receiver", allowed: MeshTarget.forms)
        }
        let confirm = try keys.optional("confirm")?.flag()
        if confirm == true, !target.isOneNode {
            throw receiver.error("cannot be confirmed", allowed: "a single node")
        }
        return Order(target: target, content: try content(keys, document), confirm: confirm)
    }

    private static func content(_ keys: Section, _ document: Field) throws(ConfigurationError) -> [UInt8] {
        let size = 1...Send.messageBytesMax
        switch (keys.optional("text"), keys.optional("hex")) {
        case (let text?, nil):
            guard case .scalar(let value, isQuoted: true) = text.node.content, size.contains(value.utf8.count) else {
                throw text.error("no message", allowed: "a string of 1...\(Send.messageBytesMax) bytes")
            }
            return Array(value.utf8)
        case (nil, let hex?): return try hex.bytes(size)
        default: throw document.error("no message, or two", allowed: "one of text, hex")
        }
    }
}
