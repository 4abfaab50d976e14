import ArgumentParser
import MeshControl
import MeshWire

/// The groups that nodes belong to.
struct Group: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "group",
        abstract: "Show and change the groups of a node; a message to a group is for all of its nodes.",
        discussion: """
            A node keeps its groups over restarts. Those that come with its program are not shown.

            Example: thicket group add 7 21001
            """,
        subcommands: [Add.self, Remove.self, List.self, Clear.self]
    )

    /// The ids of groups, and how many a node is in at most (protocol §1.1, §10.2).
    static let ids: ClosedRange<UInt16> = 21_001...21_999
    private static let countMax = 20

    /// A reader for arguments.
    static func read(_ text: String) throws -> NodeID {
        guard let number = UInt16(text), NodeID(number).kind == .dynamicGroup else {
            throw ValidationError("'\(text)' is no group; write a number, \(ids.lowerBound)...\(ids.upperBound)")
        }
        return NodeID(number)
    }

    /// Puts a node into a group.
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add",
            abstract: "Put a node into a group.",
            discussion: "Example: thicket group add 7 21001"
        )

        @Argument(help: "The node.", transform: MeshNode.read)
        var member: MeshNode

        @Argument(help: "The group.", transform: Group.read)
        var group: NodeID

        @OptionGroup var live: LiveOptions

        func run() throws {
            var mesh = try MeshDialogue(path: live.path)
            let result = try mesh.ask(.node(.addGroup(group)), of: member.id) { content -> GroupResult? in
                guard case .node(.addGroupResult(let result)) = content, result.group == group else { return nil }
                return result
            }
            try Group.check(result.code, member)
            Group.tell(member, ["group": Group.number(group), "member": true], "is in group \(group)", live)
        }
    }

    /// Takes a node out of a group.
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove",
            abstract: "Take a node out of a group.",
            discussion: "Example: thicket group remove 7 21001"
        )

        @Argument(help: "The node.", transform: MeshNode.read)
        var member: MeshNode

        @Argument(help: "The group.", transform: Group.read)
        var group: NodeID

        @OptionGroup var live: LiveOptions

        func run() throws {
            var mesh = try MeshDialogue(path: live.path)
            let result = try mesh.ask(.node(.removeGroup(group)), of: member.id) { content -> GroupResult? in
                guard case .node(.removeGroupResult(let result)) = content, result.group == group else { return nil }
                return result
            }
            try Group.check(result.code, member)
            Group.tell(member, ["group": Group.number(group), "member": false], "is not in group \(group)", live)
        }
    }

    /// Takes a node out of all groups.
    struct Clear: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "clear",
            abstract: "Take a node out of all groups.",
            discussion: "Example: thicket group clear 7"
        )

        @Argument(help: "The node.", transform: MeshNode.read)
        var member: MeshNode

        @OptionGroup var live: LiveOptions

        func run() throws {
            var mesh = try MeshDialogue(path: live.path)
            let result = try mesh.ask(.node(.clearGroups), of: member.id) { content -> GroupResult? in
                if case .node(.clearGroupsResult(let result)) = content { result } else { nil }
            }
            try Group.check(result.code, member)
            Group.tell(member, ["groups": .list([])], "is in no group", live)
        }
    }

    /// Shows the groups of a node.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Show the groups of a node.",
            discussion: "Example: thicket group list 7"
        )

        @Argument(help: "The node.", transform: MeshNode.read)
        var member: MeshNode

        @OptionGroup var live: LiveOptions

        func run() throws {
            var mesh = try MeshDialogue(path: live.path)
            let groups = try mesh.ask(.node(.getGroups), of: member.id) { content -> [NodeID]? in
                if case .node(.groups(let groups)) = content { Array(groups) } else { nil }
            }
            let names = groups.map { "\($0)" }.joined(separator: ", ")
            let text = groups.isEmpty ? "is in no group" : "is in group\(groups.count == 1 ? "" : "s") \(names)"
            Group.tell(member, ["groups": .list(groups.map(Group.number))], text, live)
        }
    }

    /// Ends the command if the node refused.
    private static func check(_ code: GroupCode, _ node: MeshNode) throws {
        guard code == .ok else { throw ControlError("node \(node.id) refuses: \(word(code))") }
    }

    /// Says how it is now.
    private static func tell(_ node: MeshNode, _ details: JSONObject, _ text: String, _ live: LiveOptions) {
        guard live.json else { return Console.line("node \(node.id) \(text)") }
        var object = JSONObject(kind: "groups")
        object.append("node", integer: node.id.rawValue)
        object.append(contentsOf: details)
        Console.line(object.line)
    }

    private static func number(_ group: NodeID) -> JSONValue { .unsigned(UInt64(group.rawValue)) }

    /// A refusal in words.
    static func word(_ code: GroupCode) -> String {
        switch code {
        case .outOfRange: "it is no group that nodes can be put into"
        case .tableFull: "it is in \(countMax) groups already; take it out of one"
        default: "it cannot keep that now, code \(code.rawValue)"
        }
    }
}
