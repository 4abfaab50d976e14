import ByteCoding
import MeshWire
import RadioPort
import TestSupport
import Testing

@testable import MeshControl

/// A survey of meshes that are made up.
@Suite struct MeshSurveyTests {
    /// A survey by node 1, and the time it was done.
    private static func survey(
        _ mesh: inout MadeUpMesh,
        _ request: SurveyRequest = SurveyRequest(),
        from begin: Instant = Instant(microseconds: 5_000_000),
        until limit: UInt64 = 4_000_000_000,
        with known: MeshSurvey? = nil
    ) throws -> (survey: MeshSurvey, doneAt: Instant) {
        var survey = known ?? MeshSurvey(by: NodeID(1), at: begin)
        var now = begin
        let links = mesh.links(of: 1).map { link in
            SurveyedLink(
                partner: NodeID(link.central == 1 ? link.peripheral : link.central),
                rssi: -50,
                isOutgoing: link.central == 1
            )
        }
        survey.observe(links: links, device: nil, clusterSize: mesh.count, at: now)
        survey.want(request, at: now)
        while now.microseconds < begin.microseconds + limit {
            var step = survey.step(at: now)
            while case .ask(let question) = step {
                mesh.ask(question, at: now)
                step = survey.step(at: now)
            }
            guard case .wait(let until) = step else { return (survey, now) }
            try #require(until > now)
            now = min(until, mesh.nextAnswerAt ?? until)
            while let answer = mesh.takeAnswer(by: now) {
                let bytes: MessageBytes = try answer.encoded()
                survey.take(bytes, at: now)
            }
        }
        Issue.record("not done after \(limit) microseconds")
        return (survey, now)
    }

    private static func edges(_ survey: MeshSurvey) -> Set<[UInt16]> {
        Set(survey.edges().map { [$0.first.rawValue, $0.second.rawValue] })
    }

    @Test func everyLinkIsFoundWhateverIsLostAndHidden() throws {
        var random = SplitMix.announced("everyLinkIsFoundWhateverIsLostAndHidden")
        var nodes = 0
        var missed = 0
        for _ in 0..<40 {
            let seed = random.next()
            var mesh = MadeUpMesh(count: 2 + random.below(60), seed: seed)
            mesh.loss = random.below(3) * 10
            let (survey, _) = try Self.survey(&mesh)
            // With answers lost thrice in a row a node counts as silent; its links are told by others then.
            let silent = survey.nodes.count(where: \.isSilent)
            if silent == 0, survey.nodes.count == mesh.count {
                #expect(Self.edges(survey) == mesh.edges, "seed \(seed), \(mesh.count) nodes, \(mesh.loss) % lost")
            }
            #expect(Self.edges(survey).isSubset(of: mesh.edges), "seed \(seed)")
            #expect(mesh.loss > 0 || silent == 0 && survey.nodes.count == mesh.count, "seed \(seed)")
            nodes += mesh.count
            missed += mesh.count - survey.nodes.count
        }
        // A node is missed if each of three guesses, or what its partner told thrice, was lost.
        #expect(missed * 100 <= nodes, "\(missed) of \(nodes)")
    }

    @Test func twelveNodesTakeFourSeconds() throws {
        var mesh = MadeUpMesh(count: 12, seed: 3)
        let (survey, doneAt) = try Self.survey(&mesh)
        #expect(Self.edges(survey) == mesh.edges)
        #expect(doneAt.microseconds < 9_000_000, "\(doneAt.seconds - 5) s")
        // A partner of a partner was not known before.
        #expect(mesh.questions.count >= 11)
    }

    @Test func neverMoreThanTheShareOfALink() throws {
        var random = SplitMix.announced("neverMoreThanTheShareOfALink")
        for _ in 0..<5 {
            let seed = random.next()
            var mesh = MadeUpMesh(count: 20 + random.below(100), seed: seed)
            mesh.loss = 10
            mesh.silent = [7, 11]
            _ = try Self.survey(&mesh, SurveyRequest(hearing: true, devices: true))
            let longest = try #require(SurveyQuestion.allCases.map(\.packets).max())
            for (index, first) in mesh.questions.enumerated() {
                for window: UInt64 in [1_000_000, 10_000_000] {
                    var packets = 0
                    for question in mesh.questions[index...] {
                        guard question.at.microseconds(since: first.at) < window else { break }
                        packets += question.packets
                    }
                    let earned = Int((window + 1_000_000) / SurveyPace.packetMicroseconds)
                    #expect(packets <= earned + longest, "seed \(seed), \(window) us from \(first.at.seconds) s")
                }
            }
        }
    }

    @Test func aThousandNodesStayWithinTheirBounds() throws {
        var mesh = MadeUpMesh(count: 1999, seed: 9)
        let (survey, doneAt) = try Self.survey(&mesh)
        #expect(survey.nodes.count == 1999)
        #expect(Self.edges(survey) == mesh.edges)
        #expect(survey.tree().count == 1999)
        let seconds = doneAt.seconds - 5
        // What the share of a link allows, and as much again for waiting.
        let least = Double(survey.packets * SurveyPace.packetMicroseconds) / 1_000_000
        #expect(seconds < 2 * least, "\(seconds) s, at least \(least) s")
        print("1,999 nodes: \(Int(seconds)) s, \(mesh.questions.count) questions, \(survey.packets) packets")
    }

    @Test func whatIsKnownIsNotAskedAgain() throws {
        var mesh = MadeUpMesh(count: 30, seed: 4)
        let (survey, doneAt) = try Self.survey(&mesh)
        let asked = mesh.questions.count
        let (again, at) = try Self.survey(&mesh, from: doneAt.advanced(byMicroseconds: 30_000_000), with: survey)
        #expect(mesh.questions.count == asked)
        #expect(at == doneAt.advanced(byMicroseconds: 30_000_000))
        // With an age everything older is asked again, and only that.
        let fresh = SurveyRequest(maxAge: 0)
        let (_, last) = try Self.survey(&mesh, fresh, from: at.advanced(byMicroseconds: 1), with: again)
        #expect(mesh.questions.count == asked + 29)
        #expect(last > at)
    }

    @Test func aSilentNodeIsAskedThriceEverLater() throws {
        var mesh = MadeUpMesh(count: 12, seed: 5)
        // Its partner is the central, so that it tells of it.
        let leaf = try #require((2...12).first { mesh.links(of: $0).map(\.peripheral) == [$0] })
        mesh.silent = [leaf]
        let (survey, doneAt) = try Self.survey(&mesh)
        let times = mesh.questions.filter { $0.receiver == NodeID(leaf) }.map(\.at.seconds)
        #expect(times.count == 3)
        #expect(times[2] - times[1] > (times[1] - times[0]) * 1.5)
        #expect(survey[NodeID(leaf)]?.isSilent == true)
        // Others still tell that it is there.
        #expect(Self.edges(survey) == mesh.edges)
        let (_, later) = try Self.survey(&mesh, from: doneAt, with: survey)
        #expect(later == doneAt)
    }

    @Test func messagesThatComeUnaskedCount() throws {
        var survey = MeshSurvey(by: NodeID(1), at: .zero)
        let connections = AllConnections(
            entries: PackedList([
                PartnerRSSI(partner: NodeID(3), rssi: -70), PartnerRSSI(partner: NodeID(0), rssi: 0),
                PartnerRSSI(partner: NodeID(4), rssi: -80), PartnerRSSI(partner: NodeID(0), rssi: 0),
            ])
        )
        let helped = survey.take(try Self.report(.connections(connections), from: 2), at: Instant(microseconds: 7))
        #expect(helped)
        #expect(Self.edges(survey) == [[2, 3], [2, 4]])
        #expect(survey[NodeID(2)]?.heardAt == Instant(microseconds: 7))
        // A lost link makes both ends doubtful, until they say what they have.
        let lost = LiveReport(type: .meshDisconnected, extra: 4, extra2: 8)
        survey.take(try Self.report(.liveReport(lost), from: 2), at: Instant(microseconds: 8))
        #expect(survey[NodeID(2)]?.isSuspect == true)
        #expect(survey[NodeID(4)]?.isSuspect == true)
        survey.take(try Self.report(.connections(connections), from: 2), at: Instant(microseconds: 9))
        #expect(survey[NodeID(2)]?.isSuspect == false)
        // What nobody wants to know is not asked.
        #expect(survey.step(at: Instant(microseconds: 10)) == .done)
    }

    @Test func theNewerOfTwoEndsIsRight() throws {
        func connections(_ incoming: UInt16, _ outgoing: UInt16...) -> StatusReporterMessage {
            var entries = PackedList<PartnerRSSI, 12>()
            for id in [incoming] + outgoing { entries.append(PartnerRSSI(partner: NodeID(id), rssi: -60)) }
            while entries.count < 4 { entries.append(PartnerRSSI(partner: NodeID(0), rssi: 0)) }
            return .connections(AllConnections(entries: entries))
        }
        var survey = MeshSurvey(by: NodeID(1), at: .zero)
        survey.take(try Self.report(connections(0, 3), from: 2), at: Instant(microseconds: 1))
        #expect(Self.edges(survey) == [[2, 3]])
        // The peripheral has no link any more.
        survey.take(try Self.report(connections(0), from: 3), at: Instant(microseconds: 2))
        #expect(Self.edges(survey) == [])
        // It has another one: the first may be there still, for it names one only.
        survey.take(try Self.report(connections(4), from: 3), at: Instant(microseconds: 3))
        #expect(Self.edges(survey) == [[2, 3], [3, 4]])
        // The central names all.
        survey.take(try Self.report(connections(0), from: 2), at: Instant(microseconds: 4))
        #expect(Self.edges(survey) == [[3, 4]])
    }

    @Test func hostileReportsFillNoMoreThanTheTable() throws {
        var random = SplitMix.announced("hostileReportsFillNoMoreThanTheTable")
        var survey = MeshSurvey(by: NodeID(1), at: .zero)
        for round in 0..<20_000 {
            let id = UInt16(truncatingIfNeeded: random.next())
            var message: [UInt8] = [52, 0, 0, 0, 0, 3, 0, UInt8([1, 3, 4, 10, 12].randomElement(using: &random) ?? 3)]
            message[1] = UInt8(truncatingIfNeeded: id)
            message[2] = UInt8(truncatingIfNeeded: id >> 8) & (random.below(2) == 0 ? 0x07 : 0xFF)
            message += random.bytes(atMost: 70)
            survey.take(MessageBytes(message), at: Instant(microseconds: UInt64(round)))
        }
        #expect(survey.nodes.count <= MeshSurvey.nodesMax)
        for node in survey.nodes {
            #expect(node.links.count <= 6)
            #expect(node.heardNodes.count <= MeshSurvey.heardNodesMax)
        }
        #expect(survey.edges().allSatisfy { $0.first < $0.second })
    }

    @Test func nodesThatAreGoneAreForgottenAfterAnHour() throws {
        var survey = MeshSurvey(by: NodeID(1), at: .zero)
        survey.take(try Self.report(.setInitializedResult, from: 5), at: Instant(microseconds: 1))
        survey.observe(
            links: [SurveyedLink(partner: NodeID(2), rssi: nil, isOutgoing: true)],
            device: nil,
            clusterSize: 2,
            at: .zero
        )
        let before = Instant(microseconds: MeshSurvey.forgetAfter)
        survey.want(SurveyRequest(), at: before)
        #expect(survey[NodeID(5)] != nil)
        survey.want(SurveyRequest(), at: before.advanced(byMicroseconds: 1))
        #expect(survey[NodeID(5)] == nil)
        // A link leads to this one.
        #expect(survey[NodeID(2)] != nil)
    }

    private static func report(_ report: StatusReporterMessage, from node: UInt16) throws -> MessageBytes {
        try ModuleMessage(sender: NodeID(node), receiver: .broadcast, content: .statusReporter(report)).encoded()
    }
}
