import Synchronization
import Testing

@testable import thicket

/// Runs side by side, rows in order.
@Suite struct OrderedRunsTests {
    @Test(arguments: [1, 2, 3, 50]) func rowsComeInTheOrderOfSeeds(jobs: Int) async throws {
        var rows: [UInt64] = []
        try await OrderedRuns.run(
            seeds: Seeds(5...24),
            jobs: jobs,
            isInterrupted: { false },
            // Odd seeds take longer.
            one: { seed in (0..<(seed % 2 == 0 ? 1 : 20_000)).reduce(seed) { $0 ^ $1 ^ $1 } },
            emit: { rows.append($0) }
        )
        #expect(rows == Array(5...24))
    }

    @Test func theLastSeedMayBeTheGreatestNumber() async throws {
        var rows: [UInt64] = []
        try await OrderedRuns.run(
            seeds: Seeds((UInt64.max - 2)...UInt64.max),
            jobs: 2,
            isInterrupted: { false },
            one: { $0 },
            emit: { rows.append($0) }
        )
        #expect(rows == [.max - 2, .max - 1, .max])
    }

    @Test func anInterruptionKeepsWhatIsFinished() async throws {
        let started = Atomic<Int>(0)
        var rows: [UInt64] = []
        try await OrderedRuns.run(
            seeds: Seeds(1...1000),
            jobs: 1,
            isInterrupted: { started.load(ordering: .relaxed) >= 3 },
            one: { seed in
                started.add(1, ordering: .relaxed)
                return seed == 2 ? nil : seed
            },
            emit: { rows.append($0) }
        )
        #expect(rows == [1, 3])
    }

    @Test func aFailureEndsTheSweep() async {
        await #expect(throws: InternalError.self) {
            try await OrderedRuns.run(
                seeds: Seeds(1...10),
                jobs: 2,
                isInterrupted: { false },
                one: { seed -> UInt64? in
                    if seed == 4 { throw InternalError(text: "four") }
                    return seed
                },
                emit: { _ in }
            )
        }
    }
}
