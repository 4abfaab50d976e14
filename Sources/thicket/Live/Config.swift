import ArgumentParser
import MeshControl
import MeshWire

/// What is set in a running mesh.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Set what the nodes of the mesh agree on.",
        subcommands: [ConfigClustering.self, ConfigTime.self]
    )
}

/// The time of the mesh.
struct ConfigTime: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "time",
        abstract: "Tell the mesh the time of this machine's clock.",
        discussion: "It goes from node to node, a few seconds for each."
    )

    @OptionGroup var live: LiveOptions

    func run() throws {
        var mesh = try MeshDialogue(path: live.path)
        guard let node = UInt16(try mesh.ask("status").text("node")) else {
            throw ControlError("the daemon at \(live.path) does not tell its node; update it")
        }
        let now = UTCTime.now
        try mesh.send(UpdateTimestamp(sender: NodeID(node), receiver: NodeID(node), time: now))
        if live.json {
            var object = JSONObject(kind: "time")
            object.append("network_time", integer: now)
            Console.line(object.line)
        } else {
            Console.line("the time is \(UTCTime.text(now))")
        }
    }
}
