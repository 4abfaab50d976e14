import FoundationEssentials
import Testing

@testable import MeshConfiguration

/// The schema that editors check scenarios with knows what the reader knows, no more and no less.
@Suite struct ScenarioSchemaTests {
    private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    /// The definitions of the schema, by name.
    private static func definitions() throws -> [String: DocumentNode] {
        let path = root + "/Simulator/scenario.schema.json"
        let text = try #require(String(validating: Data(contentsOf: URL(filePath: path)), as: UTF8.self))
        let schema = try DocumentNode(json: text, file: "scenario.schema.json")
        return members(of: try #require(members(of: schema)["$defs"]))
    }

    private static func members(of node: DocumentNode) -> [String: DocumentNode] {
        guard case .mapping(let entries) = node.content else { return [:] }
        return Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value) })
    }

    private static func texts(of node: DocumentNode?) -> [String] {
        guard case .sequence(let items)? = node?.content else { return [] }
        return items.compactMap { if case .scalar(let text, _) = $0.content { text } else { nil } }
    }

    @Test func everyKeyIsInItAndNoOther() throws {
        let definitions = try Self.definitions()
        for (name, keys) in ScenarioKeys.groups {
            let group = Self.members(of: try #require(definitions[name], "\(name) is missing"))
            let properties = Self.members(of: try #require(group["properties"]))
            #expect(properties.keys.sorted() == keys.sorted(), "\(name)")
            // What it does not know must be an error.
            guard case .scalar("false", isQuoted: false)? = group["additionalProperties"]?.content else {
                Issue.record("\(name) lets further keys pass")
                continue
            }
        }
        let known = Set(ScenarioKeys.groups.map(\.name))
        let groups = definitions.filter { Self.members(of: $0.value)["properties"] != nil }.keys
        #expect(Set(groups) == known)
    }

    @Test func everyNameIsInItAndNoOther() throws {
        let definitions = try Self.definitions()
        for (name, values) in ScenarioKeys.names {
            let definition = Self.members(of: try #require(definitions[name], "\(name) is missing"))
            #expect(Self.texts(of: definition["enum"]) == values, "\(name)")
        }
    }

    @Test func everyGroupIsUsed() throws {
        let path = Self.root + "/Simulator/scenario.schema.json"
        let text = try #require(String(validating: Data(contentsOf: URL(filePath: path)), as: UTF8.self))
        for name in try Self.definitions().keys {
            #expect(text.contains("\"#/$defs/\(name)\""), "\(name)")
        }
    }

    @Test func everyScenarioOfTheLibraryNamesIt() throws {
        for file in ScenarioLibrary.files(in: Self.root + "/Simulator/Scenarios") {
            let text = try #require(String(validating: Data(contentsOf: URL(filePath: file)), as: UTF8.self))
            #expect(text.hasPrefix("# yaml-language-server: $schema=../scenario.schema.json\n"), "\(file)")
        }
    }
}
