import Dispatch
import Synchronization

/// Writes batches on a thread of its own, one after the other, so that a slow disk never holds up the node.
///
/// An SD card may take a second for a flush; a node that does not answer for as long loses links.
public final class HistoryWriter: Sendable {
    /// What became of a batch.
    public struct Report: Sendable {
        /// What was not written, to be tried again.
        public var unwritten: [HistoryChange]
        /// Why.
        public var failure: HistoryError?
        /// What there is to say of a file that was set aside.
        public var notice: String?
    }

    private let store: Mutex<HistoryStore>
    private let reports = Mutex<[Report]>([])
    private let queue = DispatchQueue(label: "history", qos: .utility)

    /// A writer of one store.
    public init(_ store: HistoryStore) { self.store = Mutex(store) }

    /// Writes a batch some time soon, behind those before it.
    ///
    /// ``takeReport()`` tells what became of it.
    public func write(_ changes: [HistoryChange]) {
        queue.async { self.writeNow(changes) }
    }

    /// Waits until what was given is written, or has failed.
    public func finish() { queue.sync {} }

    /// What became of the batch, nil if it is not known yet.
    public func takeReport() -> Report? {
        reports.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    private func writeNow(_ changes: [HistoryChange]) {
        let report = store.withLock { store in
            do throws(HistoryError) {
                try store.write(changes)
                return Report(unwritten: [], failure: nil, notice: store.takeNotice())
            } catch {
                return Report(unwritten: changes, failure: error, notice: store.takeNotice())
            }
        }
        reports.withLock { $0.append(report) }
    }
}
