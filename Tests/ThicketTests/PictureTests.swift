import MeshWire
import Testing

@testable import thicket

/// What a person sees.
@Suite struct PictureTests {
    private static let plain = TerminalTraits(columns: 60, rows: 24, hasColour: false, hasUnicode: false)

    private static let moment = Moment(
        title: "hall  seed 1",
        atMicroseconds: 15_000_000,
        durationMicroseconds: 60_000_000,
        nodes: 10,
        poweredNodes: 9,
        links: 5,
        clusters: [
            Moment.Cluster(id: ClusterID(rawValue: 7), size: 2), Moment.Cluster(id: ClusterID(rawValue: 3), size: 1),
            Moment.Cluster(id: ClusterID(rawValue: 65541), size: 4),
            Moment.Cluster(id: ClusterID(rawValue: 2), size: 2),
        ],
        occurrences: [Moment.Occurrence(atMicroseconds: 12_340_000, text: "node 4 loses power")]
    )

    @Test func thePictureTellsTimeClustersAndEvents() {
        let lines = ClusterPicture(terminal: Self.plain).lines(Self.moment).map(\.plain)
        #expect(
            lines == [
                "hall  seed 1                                15.0 s of 60 s",
                "##############............................................",
                "",
                "4 clusters, largest 4 of 9 nodes, 5 links, 1 without power",
                "       65541 #### 4",
                "           2 ## 2",
                "           7 ## 2",
                "       alone . 1",
                "",
                "    12.34 s  node 4 loses power",
            ]
        )
    }

    @Test func aThousandNodesFitTheWidth() {
        var moment = Self.moment
        moment.nodes = 1000
        moment.poweredNodes = 1000
        moment.clusters = [Moment.Cluster(id: ClusterID(rawValue: 1), size: 1000)]
        let lines = ClusterPicture(terminal: Self.plain).lines(moment).map(\.plain)
        #expect(lines.filter { $0.contains("#") }.allSatisfy { $0.count < 60 })
        #expect(lines.contains("1 cluster, largest 1000 of 1000 nodes, 5 links - one cluster"))
    }

    @Test func manyClustersAreCounted() {
        var moment = Self.moment
        moment.clusters = (1...40).map { Moment.Cluster(id: ClusterID(rawValue: $0), size: 2) }
        let lines = ClusterPicture(terminal: Self.plain).lines(moment).map(\.plain)
        #expect(lines.contains("  and 28 more clusters"))
    }

    @Test func colourIsNeverWrittenWithoutColour() {
        let line = StyledLine("good", .good)
        #expect(line.rendered(columns: 10, colour: false) == "good")
        #expect(line.rendered(columns: 10, colour: true) == "\u{1B}[32mgood\u{1B}[0m")
        #expect(line.rendered(columns: 2, colour: true) == "\u{1B}[32mgo\u{1B}[0m")
    }

    @Test func theScreenGoesBackOverItsOwnLines() {
        var screen = Screen()
        var terminal = Self.plain
        #expect(screen.update(["a", "b"], for: terminal) == "a\u{1B}[K\nb\u{1B}[K\n\u{1B}[J")
        #expect(screen.update(["c"], for: terminal) == "\u{1B}[2A\rc\u{1B}[K\n\u{1B}[J")
        terminal.rows = 3
        let tall: [StyledLine] = ["1", "2", "3", "4"]
        #expect(screen.update(tall, for: terminal) == "\u{1B}[1A\r1\u{1B}[K\n2\u{1B}[K\n\u{1B}[J")
    }

    // MARK: - Trees

    private static func link(_ first: UInt16, _ second: UInt16, rssi: Int8? = -60, master: UInt16? = nil) -> MeshLink {
        MeshLink(first: NodeID(first), second: NodeID(second), rssi: rssi, master: master.map { NodeID($0) })
    }

    @Test func theTreeGrowsFromTheBestConnectedNode() {
        let lines = TreeDrawing(hasUnicode: false).lines(
            nodes: (1...6).map { NodeID($0) },
            sinks: [],
            links: [
                Self.link(2, 1, master: 1), Self.link(2, 3, rssi: nil), Self.link(4, 2, rssi: -71, master: 4),
                Self.link(4, 5, master: 4),
            ]
        )
        #expect(
            lines == [
                "2",
                "|- 1  -60 dBm, master bit at 1",
                "|- 3  - dBm, no master bit",
                "`- 4  -71 dBm, master bit at 4",
                "   `- 5  -60 dBm, master bit at 4",
                "6",
            ]
        )
    }

    @Test func aSinkIsTheRoot() {
        let lines = TreeDrawing(hasUnicode: true).lines(
            nodes: (1...4).map { NodeID($0) },
            sinks: [NodeID(3)],
            links: [Self.link(1, 2), Self.link(1, 3), Self.link(1, 4)]
        )
        #expect(
            lines == [
                "3 sink",
                "└─ 1  -60 dBm, no master bit",
                "   ├─ 2  -60 dBm, no master bit",
                "   └─ 4  -60 dBm, no master bit",
            ]
        )
    }

    @Test func aLoopIsShownAndEnds() {
        let lines = TreeDrawing(hasUnicode: false).lines(
            nodes: (1...3).map { NodeID($0) },
            sinks: [],
            links: [Self.link(1, 2), Self.link(2, 3), Self.link(3, 1)]
        )
        #expect(lines.contains { $0.hasSuffix("(a loop)") })
        #expect(lines.count == 5)
    }

    @Test func aLongTreeIsCutShort() {
        let lines = TreeDrawing(hasUnicode: false).lines(
            nodes: (1...1999).map { NodeID($0) },
            sinks: [NodeID(1)],
            links: (1..<1999).map { Self.link($0, $0 + 1) }
        )
        #expect(lines.count == 101)
        #expect(lines.last == "... and 1899 more nodes")
    }
}
