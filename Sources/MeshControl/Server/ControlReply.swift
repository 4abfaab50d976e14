/// Where the answer to one request goes: any number of objects, then one end.
///
/// It may be kept and used later; if the client is gone by then, nothing happens. An answer that nobody ends is ended with an
/// error when it is forgotten.
package final class ControlReply {
    private weak var connection: ControlConnection?
    private let id: UInt64?
    private var isOpen = true

    init(to connection: ControlConnection, id: UInt64?) {
        self.connection = connection
        self.id = id
    }

    deinit {
        if isOpen { fail(ControlError("the request was given up")) }
    }

    /// Whether anybody waits for the answer.
    package var isWanted: Bool { isOpen && connection?.isConnected == true }

    /// Whether the client has read enough for more to be sent.
    var hasRoom: Bool { connection?.hasRoom ?? true }

    /// An object of the answer.
    package func send(_ object: JSONObject) {
        guard isOpen else { return }
        connection?.send(object.with(id: id))
    }

    /// That was all.
    package func finish() { end(with: JSONObject(kind: "done")) }

    /// The request is refused, or what was begun cannot be ended.
    package func fail(_ error: ControlError) { end(with: .error(error.text)) }

    private func end(with object: JSONObject) {
        guard isOpen else { return }
        isOpen = false
        connection?.endAnswer(with: object.with(id: id))
    }
}

extension JSONObject {
    /// The object with the id of the request that it answers, if that had one.
    func with(id: UInt64?) -> JSONObject {
        guard let id else { return self }
        var object = self
        object.append("id", .unsigned(id))
        return object
    }

    static func error(_ text: String) -> JSONObject {
        var object = JSONObject(kind: "error")
        object.append("text", text: text)
        return object
    }
}
