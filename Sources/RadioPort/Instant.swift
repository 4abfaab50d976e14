/// A point in time: microseconds since an arbitrary origin that the driver chooses.
///
/// Never runs backwards within a run. 64 bits last 584,000 years.
@frozen
public struct Instant: Comparable, Hashable, Sendable {
    /// Microseconds since the origin.
    public var microseconds: UInt64

    /// The instant `microseconds` after the origin.
    @inlinable
    public init(microseconds: UInt64) { self.microseconds = microseconds }

    /// The origin.
    public static let zero = Instant(microseconds: 0)

    /// Compares by raw value.
    @inlinable
    public static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

    /// The instant `duration` microseconds later.
    @inlinable
    public func advanced(byMicroseconds duration: UInt64) -> Instant {
        Instant(microseconds: microseconds &+ duration)
    }

    /// Microseconds from `earlier` to this instant, 0 if `earlier` is later.
    @inlinable
    public func microseconds(since earlier: Instant) -> UInt64 {
        microseconds >= earlier.microseconds ? microseconds - earlier.microseconds : 0
    }

    /// Seconds since the origin, for people.
    public var seconds: Double { Double(microseconds) / 1e6 }
}
