package import RadioPort

/// How much of the mesh a survey may take: on the average a tenth of what the slowest link carries.
///
/// A link carries at least 850 packets of 20 bytes in 10 s in the measured setup with the most links (protocol §12.4). There is
/// no unicast routing: nearly every question and every answer goes over every link of the tree (protocol §9.2), so the packets
/// of both are counted once for the whole mesh. A second's worth may be spent at once, so that small meshes answer quickly.
///
/// In any time t the packets of questions begun are at most (t + 1 s) x 8.5 / s, and those of one question.
package struct SurveyPace: Sendable {
    /// Packets of 20 bytes that the slowest link carries in a second (protocol §12.4).
    package static let linkPackets: UInt64 = 85
    /// The part of it that a survey takes.
    package static let percent: UInt64 = 10
    /// Bytes of such a packet.
    package static let packetBytes = 20
    /// Time in which one packet is earned.
    package static let packetMicroseconds: UInt64 = 100 * 1_000_000 / (linkPackets * percent)
    /// What may be spent at once.
    private static let burstMicroseconds: UInt64 = 1_000_000

    /// When everything spent is earned again.
    private var settledAt = Instant.zero

    package init() {}

    /// From when on the next question may go out.
    package var openAt: Instant {
        Instant(microseconds: max(settledAt.microseconds, Self.burstMicroseconds) - Self.burstMicroseconds)
    }

    /// Takes note of packets that go out.
    package mutating func spend(_ packets: Int, at now: Instant) {
        settledAt = max(settledAt, now).advanced(byMicroseconds: UInt64(packets) * Self.packetMicroseconds)
    }
}
