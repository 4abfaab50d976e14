/// Runs seeds side by side and hands the rows over in the order of the seeds.
enum OrderedRuns {
    /// Runs all seeds.
    ///
    /// - Parameters:
    ///   - seeds: the seeds.
    ///   - jobs: how many run at the same time, at least 1.
    ///   - isInterrupted: asked before each run; once true, no further run begins.
    ///   - one: one run; nil if it was given up half-way.
    ///   - emit: takes each row as soon as all rows before it are there; after an interruption, rows may be missing between.
    /// - Throws: what a run throws.
    static func run<Row: Sendable>(
        seeds: Seeds,
        jobs: Int,
        isInterrupted: @escaping @Sendable () -> Bool,
        one: @escaping @Sendable (UInt64) throws -> Row?,
        emit: (Row) -> Void
    ) async throws {
        precondition(jobs >= 1)
        try await withThrowingTaskGroup(of: (UInt64, Row?).self) { group in
            var upcoming = seeds.first
            var awaited = seeds.first
            var waiting: [UInt64: Row] = [:]

            func startNext() {
                guard let seed = upcoming, !isInterrupted() else { return }
                upcoming = seeds.next(after: seed)
                group.addTask { (seed, try one(seed)) }
            }

            for _ in 0..<jobs { startNext() }
            while let (seed, row) = try await group.next() {
                startNext()
                waiting[seed] = row
                while let seed = awaited, let row = waiting.removeValue(forKey: seed) {
                    emit(row)
                    awaited = seeds.next(after: seed)
                }
            }
            for (_, row) in waiting.sorted(by: { $0.key < $1.key }) { emit(row) }
        }
    }
}
