import MeshCore
import Testing

@testable import MeshSimulator

@Suite struct AirQueueTests {
    /// What was asked for and has not come yet, in the order of time, then of asking.
    private struct Expected {
        var events: [(time: UInt64, number: Int32)] = []

        mutating func add(_ time: UInt64, _ number: Int32) {
            let place = events.firstIndex { $0.time > time } ?? events.endIndex
            events.insert((time, number), at: place)
        }
    }

    @Test(arguments: [300, 3_000_000, 5_000_000_000] as [UInt64], 1...3 as ClosedRange<UInt64>)
    func eventsComeInOrderOfTimeThenOfAsking(span: UInt64, seed: UInt64) {
        var draws = SeededGenerator(seed: seed)
        var queue = AirQueue()
        var expected = Expected()
        for number in 0..<1000 as Range<Int32> {
            let time = draws.next() % span
            queue.push(.wake, number, at: time)
            expected.add(time, number)
        }
        for entry in expected.events {
            let event = queue.pop(before: .max)
            #expect(event?.time == entry.time && event?.subject == entry.number, "span \(span), seed \(seed)")
        }
        #expect(queue.pop(before: .max) == nil)
        #expect(queue.count == 0)
    }

    @Test(arguments: [2_000, 20_000_000, 4_000_000_000] as [UInt64], 1...5 as ClosedRange<UInt64>)
    func eventsAreAskedForWhileOthersCome(span: UInt64, seed: UInt64) {
        var draws = SeededGenerator(seed: seed)
        var queue = AirQueue()
        var expected = Expected()
        var (now, number): (UInt64, Int32) = (0, 0)
        for _ in 0..<400 {
            for _ in 0..<draws.next() % 4 {
                // Some at this very moment, some just ahead, some far away.
                let time = now + draws.next() % [1, span / 100 + 1, span][Int(draws.next() % 3)]
                queue.push(.wake, number, at: time)
                expected.add(time, number)
                number += 1
            }
            let end = now + draws.next() % (span / 50)
            while let event = queue.pop(before: end) {
                let first = expected.events.removeFirst()
                #expect(event.time == first.time && event.subject == first.number, "span \(span), seed \(seed)")
                now = event.time
            }
            #expect(expected.events.first.map { $0.time >= end } ?? true, "span \(span), seed \(seed)")
            #expect(queue.count == expected.events.count)
            now = max(now, end)
        }
        #expect(number > 400)
    }
}
