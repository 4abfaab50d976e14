import MeshCore
import MeshWire
import Testing

@testable import MeshControl

/// Which events have to do with which nodes: the same for subscribers and for files of traces.
@Suite struct EventFilterTests {
    private static let events = DecisionLogTests.events.map(\.0)

    /// The ids of nodes anywhere in a value, except addresses, which stand for themselves.
    private static func nodes(in value: Any) -> [NodeID] {
        if let node = value as? NodeID { return [node] }
        return Mirror(reflecting: value).children.flatMap { nodes(in: $0.value) }
    }

    @Test(arguments: events.indices) func everyKindOfEventNamesAllItsNodes(index: Int) {
        let event = Self.events[index]
        #expect(Set(event.nodes) == Set(Self.nodes(in: event)), "\(event)")
    }

    @Test(arguments: events.indices) func whoAsksForANodeIsToldAllThatNamesIt(index: Int) {
        let event = Self.events[index]
        let told = ControlEvent(event.fields, about: event.nodes)
        for node in [4, 7, 9, 2_000] as [UInt16] {
            #expect(EventFilter(node: NodeID(node)).matches(told) == Self.nodes(in: event).contains(NodeID(node)))
        }
        let name = event.nameAndFields.name
        #expect(EventFilter().matches(told) && EventFilter(names: [name]).matches(told))
        #expect(!EventFilter(names: [name == "linkUp" ? "linkDown" : "linkUp"]).matches(told))
    }

    /// What is no node is none, whatever it is called.
    @Test func theTimeOfAChangeIsNoNode() {
        let event = TraceEvent.clusteringPlanned(.graft, at: 7)
        #expect(!EventFilter(node: NodeID(7)).matches(ControlEvent(event.fields, about: event.nodes)))
    }
}
