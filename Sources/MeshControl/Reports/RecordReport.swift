/// The `record` object of the control socket.
package enum RecordReport {
    /// Builds it.
    ///
    /// - Parameters:
    ///   - state: `off`, `waiting` for a start of the node, `recording`, `full` or `failed`.
    ///   - reason: why it failed, else nil.
    ///   - path: the newest file, nil if there was none since the program began.
    ///   - inputs: inputs in that file.
    ///   - bytes: bytes of it.
    /// - Returns: the object.
    package static func object(state: String, reason: String?, path: String?, inputs: Int, bytes: Int) -> JSONObject {
        var object = JSONObject(kind: "record")
        object.append("state", text: state)
        object.append("reason", .optional(reason) { .text($0) })
        object.append("path", .optional(path) { .text($0) })
        object.append("inputs", integer: inputs)
        object.append("bytes", integer: bytes)
        return object
    }
}
