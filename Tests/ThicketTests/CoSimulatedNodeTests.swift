import MeshConfiguration
import MeshControl
import Testing

@testable import thicket

/// One node behind lines.
@Suite struct CoSimulatedNodeTests {
    private static let ready = #"{"at_us":0,"event":"ready","address":"c0:00:00:00:00:01","address_type":"random"}"#

    private static func node(seed: UInt64 = 1, tracing: Bool = false) throws -> CoSimulatedNode {
        let file = try NodeConfigurationFile(
            yaml: "node: 1\nnetwork: 11\nkey: 22222222222222222222222222222222",
            file: "n.yaml"
        )
        return CoSimulatedNode(file, seed: seed, tracing: tracing)
    }

    @Test func aReadyRadioMakesItScanAndAdvertise() throws {
        var node = try Self.node()
        let lines = node.take(Self.ready).map(\.line)
        #expect(lines.contains { $0.hasPrefix(#"{"at_us":0,"command":"scan","#) })
        #expect(lines.contains { $0.hasPrefix(#"{"at_us":0,"command":"advertise","#) })
        let last = try #require(lines.last)
        #expect(last.hasPrefix(#"{"at_us":0,"done":true,"deadline_us":"#))
        #expect(node.isGood)
    }

    @Test func theFirstLineMustBeReady() throws {
        var node = try Self.node()
        let lines = node.take(#"{"at_us":0,"event":"wake"}"#).map(\.line)
        #expect(
            lines == [#"{"kind":"error","line":1,"text":"key 'event': the radio is not ready; allowed: ready"}"#]
        )
        #expect(!node.isGood)
        #expect(node.take(Self.ready).count > 1)
    }

    @Test func aBadLineChangesNothing() throws {
        var node = try Self.node()
        var undisturbed = node
        _ = node.take(Self.ready)
        _ = undisturbed.take(Self.ready)
        for bad in ["", "nonsense", #"{"at_us":1,"event":"mtu"}"#] {
            #expect(node.take(bad).count == 1)
        }
        let next = #"{"at_us":2200000,"event":"wake"}"#
        #expect(node.take(next) == undisturbed.take(next))
        #expect(!node.isGood && undisturbed.isGood)
    }

    @Test func timeNeverRunsBackwards() throws {
        var node = try Self.node()
        _ = node.take(Self.ready)
        _ = node.take(#"{"at_us":500,"event":"wake"}"#)
        let lines = node.take(#"{"at_us":499,"event":"wake"}"#).map(\.line)
        #expect(
            lines == [
                #"{"kind":"error","line":3,"text":"key 'at_us': time runs backwards: 499; allowed: 500 or later"}"#
            ]
        )
        #expect(node.take(#"{"at_us":500,"event":"wake"}"#).count >= 1)
    }

    @Test func theSameSeedGivesTheSameAnswers() throws {
        var (first, second, other) = (try Self.node(), try Self.node(), try Self.node(seed: 2))
        var differs = false
        for step in 0..<200 {
            let line = step == 0 ? Self.ready : #"{"at_us":\#(step * 200_000),"event":"wake"}"#
            let answer = first.take(line)
            #expect(answer == second.take(line))
            if answer != other.take(line) { differs = true }
        }
        #expect(differs)
    }

    @Test func aSessionLeadsFromReadyToTheWelcome() throws {
        var node = try Self.node()
        var commands: [String] = []
        for line in [
            Self.ready,
            #"{"at_us":500000,"event":"advertisement","address":"c0:00:00:00:00:02","address_type":"random","rssi_dbm":-60,"#
                + #""connectable":true,"data":"0201061bff4d02f00b000102000200978801001a000401ffff0e0000000000"}"#,
            #"{"at_us":2200000,"event":"wake"}"#,
            #"{"at_us":2250000,"event":"connected","token":1,"link":1,"role":"central","address":"c0:00:00:00:00:02","#
                + #""address_type":"random"}"#,
            #"{"at_us":2300000,"event":"encrypted","link":1,"status":0}"#,
            #"{"at_us":2350000,"event":"mtu","link":1,"value":63}"#,
        ] {
            for answer in node.take(line).map(\.line) {
                guard let name = answer.firstMatch(of: /"command":"([A-Za-z]+)"/) else { continue }
                if name.1 == "advertise" || name.1 == "scan" { continue }
                commands.append(String(name.1))
                // CLUSTER_WELCOME from node 1.
                if name.1 == "write" { #expect(answer.contains(#""bytes":"140100"#), "\(answer)") }
            }
        }
        #expect(commands == ["connect", "encrypt", "exchangeMTU", "setDataLength", "write"])
        #expect(node.isGood)
    }

    @Test func tracesComeOnlyIfAsked() throws {
        var silent = try Self.node()
        var talking = try Self.node(tracing: true)
        let (few, many) = (silent.take(Self.ready), talking.take(Self.ready))
        #expect(many.contains { $0.line.contains(#""trace":"newCluster""#) })
        #expect(!few.contains { $0.line.contains("trace") })
        // Watching does not change the digest.
        #expect(few.last == many.last)
    }
}
