package import MeshWire
package import RadioPort

/// One thing that a node decided, for people and for machines.
package struct Explanation: Equatable {
    /// The rule that decided, in snake case; stable.
    package var rule: String
    /// The other node it is about, if it is known.
    package var node: NodeID?
    /// The link it is about.
    package var link: LinkID?
    /// Whether it changes the cluster, or tells why it does not change.
    package var concernsCluster = false
    /// What was compared, the rule, and when it is tried again, in one sentence.
    package var sentence: String
    /// What was compared.
    package var numbers: JSONObject = [:]

    init(
        _ rule: String,
        node: NodeID? = nil,
        link: LinkID? = nil,
        concernsCluster: Bool = false,
        numbers: JSONObject = [:],
        _ sentence: String
    ) {
        self.rule = rule
        self.node = node.flatMap { $0.rawValue == 0 ? nil : $0 }
        self.link = link.flatMap { $0.rawValue == 0 ? nil : $0 }
        self.concernsCluster = concernsCluster
        self.numbers = numbers
        self.sentence = Words.sentence(sentence)
    }

    /// An object of kind `why`.
    ///
    /// - Parameters:
    ///   - topic: what was asked about.
    ///   - at: when it was decided last, in microseconds since the start.
    ///   - age: how long ago that was, in microseconds.
    ///   - count: how often it was decided in a row.
    /// - Returns: the object.
    package func object(_ topic: String, at: UInt64, age: UInt64 = 0, count: Int = 1) -> JSONObject {
        var object = JSONObject(kind: "why")
        object.append("topic", text: topic)
        object.append("rule", text: rule)
        object.append("node", .optional(node) { .unsigned(UInt64($0.rawValue)) })
        object.append("link", .optional(link) { .unsigned(UInt64($0.rawValue)) })
        object.append("at_s", .seconds(at))
        object.append("age_s", .seconds(age))
        object.append("count", integer: count)
        object.append("sentence", text: sentence)
        object.append("numbers", .object(numbers))
        return object
    }
}
