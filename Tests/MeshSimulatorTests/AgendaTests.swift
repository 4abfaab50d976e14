import Testing

@testable import MeshSimulator

@Suite struct AgendaTests {
    @Test func visitsNodesOfAStepInOrder() {
        var agenda = Agenda(nodes: 200)
        for node in [199, 3, 64, 63] {
            agenda.schedule(node, at: 0)
        }
        var visited: [Int] = []
        while let node = agenda.next() {
            visited.append(node)
        }
        #expect(visited == [3, 63, 64, 199])
    }

    @Test func laterNodesRunInTheSameStepAndEarlierOnesInTheNext() {
        var agenda = Agenda(nodes: 10)
        agenda.schedule(5, at: 0)
        #expect(agenda.next() == 5)
        agenda.schedule(7, at: 0)
        agenda.schedule(5, at: 0)
        agenda.schedule(2, at: 0)
        #expect(agenda.next() == 7)
        #expect(agenda.next() == nil)
        agenda.advance()
        #expect(agenda.next() == 2)
        #expect(agenda.next() == 5)
        #expect(agenda.next() == nil)
    }

    @Test func turnsBeyondTheHorizonAreVisitedAtTheHorizon() {
        var agenda = Agenda(nodes: 1)
        agenda.schedule(0, at: 1_000_000)
        var step = 0
        while agenda.next() == nil {
            agenda.advance()
            step += 1
        }
        #expect(step == 511)
    }
}
