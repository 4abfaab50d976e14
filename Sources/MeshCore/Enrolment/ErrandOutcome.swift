public import MeshWire

/// How an errand of enrolling a device ended.
public enum ErrandOutcome: Sendable, Equatable {
    /// The device answered.
    case answered(EnrollmentCode)
    /// Everybody was told what became of the device before this node had asked it.
    case settledElsewhere
    /// It was not heard, or no link to it came up in time.
    case notFound
    /// It was asked and did not answer in time.
    case unanswered
}
