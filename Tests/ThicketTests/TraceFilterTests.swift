import MeshControl
import MeshCore
import MeshWire
import RadioPort
import Testing

@testable import thicket

/// What of the thoughts of nodes goes into a file.
@Suite struct TraceFilterTests {
    private static func passes(_ event: TraceEvent, _ node: UInt16, links: String) throws -> Bool {
        let filter = TraceFilter(links: try TraceFilter.links(links))
        return filter.passes(event, named: event.nameAndFields.name, of: NodeID(node))
    }

    @Test func eitherEndOfALinkIsMeant() throws {
        let role = TraceEvent.role(from: NodeID(3), to: NodeID(4), wasAsked: true)
        for links in ["7-3", "3-7", "4-7", "1-2,7-4"] { #expect(try Self.passes(role, 7, links: links)) }
        #expect(try !Self.passes(role, 7, links: "3-4"))
        #expect(try Self.passes(.roleAsked(of: NodeID(3)), 7, links: "3-7"))
        #expect(try Self.passes(.unknownType(MessageType(rawValue: 1), sender: NodeID(3)), 7, links: "3-7"))
    }

    /// An event that names a link by its number has to do with who is at its other end.
    @Test func aNumberOfALinkMeansItsPartner() throws {
        let event = TraceEvent.splitDropped(link: LinkID(rawValue: 9))
        let filter = TraceFilter(links: try TraceFilter.links("3-7"))
        #expect(filter.passes(event, named: "splitDropped", of: NodeID(7), partner: NodeID(3)))
        #expect(!filter.passes(event, named: "splitDropped", of: NodeID(7), partner: NodeID(4)))
    }

    @Test func whatNamesNobodyIsOfNoLink() throws {
        #expect(try !Self.passes(.clusteringPlanned(.graft, at: 3), 7, links: "3-7"))
        #expect(try !Self.passes(.hopsToSink(3), 7, links: "3-7"))
    }

    @Test func nodesAndKindsAreThoseThatThink() {
        let event = TraceEvent.knocked(at: NodeID(3))
        #expect(TraceFilter(nodes: [7]).passes(event, named: "knocked", of: NodeID(7)))
        #expect(!TraceFilter(nodes: [3]).passes(event, named: "knocked", of: NodeID(7)))
        #expect(!TraceFilter(kinds: ["called"]).passes(event, named: "knocked", of: NodeID(7)))
        #expect(TraceFilter().passes(event, named: "knocked", of: NodeID(7)))
    }
}
