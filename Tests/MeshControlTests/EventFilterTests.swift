import MeshCore
import MeshWire
import RadioPort
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

    /// Once it is known who is at the other end of a link, what names the link has to do with that node.
    @Test func aNumberOfALinkMeansItsPartner() {
        var context = TraceContext()
        let (link, address) = (LinkID(rawValue: 3), Address(value: 0xC000_0000_0009, kind: .random))
        let lost = TraceEvent.linkDown(link: link, address: address, .connectionTimeout)
        context.learn(.linkUp(link: link, role: .central, address: address))
        #expect(context.nodes(of: lost).isEmpty)
        context.learn(.identified(link: link, node: NodeID(9)))
        #expect(context.nodes(of: lost) == [NodeID(9)])
        #expect(context.nodes(of: .roomMade(child: NodeID(4), for: NodeID(7))) == [NodeID(4), NodeID(7)])
    }

    /// What is no node is none, whatever it is called.
    @Test func theTimeOfAChangeIsNoNode() {
        let event = TraceEvent.clusteringPlanned(.graft, at: 7)
        #expect(!EventFilter(node: NodeID(7)).matches(ControlEvent(event.fields, about: event.nodes)))
    }
}
