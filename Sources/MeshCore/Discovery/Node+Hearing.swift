import ByteCoding
import MeshWire
public import RadioPort

// What a node makes of advertisements. A node of a large mesh does little else, so it can be told of many at once, of each as
// somebody has read it already, and later than it was received where that makes no difference.
extension Node {
    /// Takes advertisements in the order in which they were received: the same as an ``Input/radio(_:)`` for each.
    ///
    /// - Parameters:
    ///   - receptions: what was received and when; no time before that of an earlier call.
    ///   - advertisements: the list that the receptions point into.
    ///   - outputs: where commands and trace values are appended.
    /// - Returns: how many were taken: up to the first that something followed from, so that it can be carried out before the
    ///   next.
    public mutating func hear(
        _ receptions: Span<Reception>,
        of advertisements: Span<Advertisement>,
        into outputs: inout Outputs
    ) -> Int {
        guard isRunning, meshes else { return receptions.count }
        let before = outputs.count
        var scores = CandidateScores()
        for index in receptions.indices {
            hear(
                advertisements[Int(receptions[index].advertisement)],
                rssi: receptions[index].rssi,
                now: receptions[index].at,
                scores: &scores,
                into: &outputs
            )
            if needsSettling {
                settle(now: receptions[index].at, into: &outputs)
                scores = CandidateScores()
            }
            if outputs.count > before { return index + 1 }
        }
        return receptions.count
    }

    /// Takes one advertisement that somebody has read already: the same as an ``Input/radio(_:)``.
    public mutating func hear(
        _ advertisement: Advertisement,
        rssi: Int8,
        at now: Instant,
        into outputs: inout Outputs
    ) {
        guard isRunning else { return }
        hear(advertisement, rssi: rssi, now: now, into: &outputs)
        if needsSettling {
            settle(now: now, into: &outputs)
        }
    }

    /// Takes one advertisement.
    mutating func hear(_ advertisement: Advertisement, rssi: Int8, now: Instant, into outputs: inout Outputs) {
        guard meshes else { return }
        var scores = CandidateScores()
        hear(advertisement, rssi: rssi, now: now, scores: &scores, into: &outputs)
    }

    /// Takes an advertisement; of clusters, only what the own network says is of interest (protocol §2.2).
    @inline(__always)
    private mutating func hear(
        _ advertisement: Advertisement,
        rssi: Int8,
        now: Instant,
        scores: inout CandidateScores,
        into outputs: inout Outputs
    ) {
        switch advertisement.content {
        case .device(let serial, let isEnrolled):
            heardDevices.note(serial, isEnrolled: isEnrolled, rssi: rssi, now: now)
            if seeksDevice {
                hearDevice(serial, advertisement, now: now, into: &outputs)
            }
        case .joinMe(let joinMe) where joinMe.network == identity.network && configuration.clustering == .classic:
            hearJoinMe(joinMe, advertisement, rssi: rssi, now: now, scores: &scores, into: &outputs)
        case .graftMe(let graftMe) where graftMe.network == identity.network && configuration.clustering == .graft:
            hearGraftMe(graftMe, advertisement, rssi: rssi, now: now, into: &outputs)
        case .joinMe(let joinMe) where joinMe.network == identity.network:
            heardOtherMode(joinMe.sender, now: now, into: &outputs)
        case .graftMe(let graftMe) where graftMe.network == identity.network:
            heardOtherMode(graftMe.sender, now: now, into: &outputs)
        case .joinMe, .graftMe:
            noteStranger(advertisement, rssi: rssi, now: now, into: &outputs)
        case .other: return
        }
    }
}
