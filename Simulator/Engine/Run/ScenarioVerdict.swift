public import MeshConfiguration
public import RadioPort

/// What became of one expectation of a scenario.
public struct ScenarioVerdict: Sendable, Equatable {
    /// How far it is decided.
    public enum Outcome: Sendable, Equatable {
        /// It can still go either way.
        case undecided
        /// It holds; `at` is the instant at which that was certain.
        case passed(at: Instant)
        /// It does not hold.
        case failed(Failure)
    }

    /// Why an expectation does not hold.
    public struct Failure: Sendable, Equatable {
        /// The instant at which that was certain.
        public var at: Instant
        /// The nodes concerned, by index; empty where ``finding`` names them.
        public var nodes: [Int]
        /// What was found instead, in words.
        public var finding: String
    }

    /// What was expected.
    public let expectation: Expectation
    /// What became of it.
    public internal(set) var outcome: Outcome = .undecided

    /// Whether it holds; nil as long as that is open.
    public var passed: Bool? {
        switch outcome {
        case .undecided: nil
        case .passed: true
        case .failed: false
        }
    }

    /// When it was decided.
    public var decidedAt: Instant? {
        switch outcome {
        case .undecided: nil
        case .passed(let at): at
        case .failed(let failure): failure.at
        }
    }
}

/// Something that happened in a run and that a person wants to know.
public struct ScenarioOccurrence: Sendable, Equatable {
    /// When.
    public var at: Instant
    /// The nodes concerned, by index.
    public var nodes: [Int]
    /// What, in words without the time.
    public var text: String
}
