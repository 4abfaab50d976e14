import ArgumentParser
import MeshControl
import MeshWire

/// What is set at a node.
struct ConfigGet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show what is set at a node, all of it or one setting.",
        discussion: """
            Asked over the mesh. Intervals are in seconds, 0 never.

            Example: thicket config get 7 reports.status
            """
    )

    @Argument(help: "The node.", transform: MeshNode.read)
    var target: MeshNode

    @Argument(help: "The setting; all of them if it is left out.", transform: ConfigSet.setting)
    var key: NodeSetting?

    @OptionGroup var live: LiveOptions

    func validate() throws {
        if let key, let why = key.whyUntold { throw ValidationError("'\(key.key)' cannot be asked for: \(why)") }
    }

    func run() throws {
        var mesh = try MeshDialogue(path: live.path)
        let settings = try NodeSettings(of: target.id, &mesh)
        if let key {
            guard let value = settings.value(of: key) else {
                throw ControlError("node \(target.id) does not tell '\(key.key)'")
            }
            return tell([(key, value)], isAll: false)
        }
        tell(settings.values, isAll: true)
    }

    private func tell(_ values: [(setting: NodeSetting, value: JSONValue)], isAll: Bool) {
        if live.json {
            for (setting, value) in values {
                var object = JSONObject(kind: "setting")
                object.append("node", integer: target.id.rawValue)
                object.append("key", text: setting.key)
                object.append("value", value)
                Console.line(object.line)
            }
        } else {
            for (setting, value) in values {
                let text = ConfigGet.text(value)
                Console.line(isAll ? DecimalText.left(setting.key, 22) + text : text)
            }
        }
    }

    /// A value for people.
    static func text(_ value: JSONValue) -> String {
        guard case .list(let items) = value else { return value.plainText }
        return items.isEmpty ? "none" : items.map(\.plainText).joined(separator: ", ")
    }
}
