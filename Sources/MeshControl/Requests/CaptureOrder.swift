/// What becomes of the capture of packets between host and controller.
package enum CaptureOrder: String, CaseIterable, Sendable {
    /// Tell how it is.
    case status
    /// Begin a file, and move on those that are there.
    case on
    /// End it.
    case off
}
