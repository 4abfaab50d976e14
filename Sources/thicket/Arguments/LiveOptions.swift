import ArgumentParser
import Glibc
import MeshConfiguration
import MeshControl

/// Which daemon a command talks to.
struct LiveOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon: the path of its control socket, or NAME for /run/thicket/NAME.sock; the number of a simulated node.",
            valueName: "socket-or-name"
        )
    )
    var node: String?

    @Flag(help: "One JSON object per line.")
    var json = false

    /// The path of the control socket.
    var path: String {
        guard let node else { return DaemonSettings.defaultControl }
        guard !node.contains("/") else { return node }
        let path = "/run/thicket/\(node).sock"
        let simulated = ServedSimulation.defaultFolder + "/\(node).sock"
        return access(path, F_OK) != 0 && access(simulated, F_OK) == 0 ? simulated : path
    }

    /// Asks and hands over every object of the answer.
    ///
    /// - Parameters:
    ///   - request: the verb.
    ///   - details: further keys of the request.
    ///   - body: what is done with an object.
    /// - Throws: ``ControlError``, or what the body throws.
    func ask(_ request: String, _ details: JSONObject = [:], _ body: (ControlAnswer) throws -> Void) throws {
        var client = try ControlClient(path: path)
        var object: JSONObject = ["request": .text(request)]
        object.append(contentsOf: details)
        try client.send(object)
        while let answer = try client.nextAnswer() { try body(answer) }
    }
}
