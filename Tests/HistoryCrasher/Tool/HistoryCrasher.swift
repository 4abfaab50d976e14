import CrashPoints
import Glibc
import MeshCore
import MeshHistory
import MeshWire
import RadioPort

/// Writes a history and ends itself at a chosen change of a file: `HistoryCrasher PATH STEP killed|torn|power|full SEED`.
///
/// Six batches, each of ten links that were made and lost. The number of each is printed once it is committed. The exit code
/// is 0 if the step was never reached.
@main
enum HistoryCrasher {
    private static let batches = 6
    private static let links = 10

    static func main() {
        let arguments = CommandLine.arguments
        let modes = ["killed": CRASH_KILLED, "torn": CRASH_TORN, "power": CRASH_POWER, "full": CRASH_FULL]
        guard arguments.count == 5, let step = UInt64(arguments[2]), let mode = modes[arguments[3]],
            let seed = UInt64(arguments[4])
        else {
            print("usage: HistoryCrasher PATH STEP killed|torn|power|full SEED")
            exit(64)
        }
        crash_points_arm(step, mode, seed)
        do throws(HistoryError) {
            try write(to: arguments[1])
        } catch {
            print("error: \(error)")
            exit(70)
        }
    }

    private static func write(to path: String) throws(HistoryError) {
        var store = HistoryStore(path: path)
        var recorder = HistoryRecorder(node: NodeID(1), network: NetworkID(11), version: "crasher")
        var milliseconds: UInt64 = 0
        func now() -> HistoryMoment {
            milliseconds += 100
            let steady = Instant(microseconds: milliseconds * 1000)
            return HistoryMoment(wall: 1_700_000_000_000 + Int64(milliseconds), steady: steady)
        }
        recorder.boot(reason: 0, at: now())
        for batch in 1...batches {
            for link in 1...links {
                let partner = NodeID(UInt16(link))
                recorder.note(
                    .handshakeDone(partner: partner, winner: true, cluster: ClusterID(rawValue: 1), clusterSize: 2),
                    at: now()
                )
                recorder.note(
                    .connectionRemoved(partner: partner, reason: .linkLost, wasHandshaked: true, heldMasterBit: false),
                    at: now()
                )
            }
            recorder.live(at: now())
            try write(recorder.take(), to: &store)
            print(batch)
            fflush(nil)
        }
    }

    /// Writes a batch as the daemon does: again, if it fails.
    private static func write(_ changes: [HistoryChange], to store: inout HistoryStore) throws(HistoryError) {
        for _ in 1...9 where (try? store.write(changes)) != nil { return }
        try store.write(changes)
    }
}
