/// What becomes of the recording of a node.
///
/// A recording begins at a start of the node, for only from there it can be replayed.
package enum RecordOrder: String, CaseIterable, Sendable {
    /// Tell how it is.
    case status
    /// Begin one at the next start of the node, and at each that follows.
    case on
    /// The same, and restart the node now: it drops its links and finds them again.
    case restart
    /// Complete the one that is under way, and begin no other.
    case off
}
