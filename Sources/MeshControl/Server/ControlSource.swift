/// What the control socket shows and operates: a daemon, or a simulated node.
package protocol ControlSource: AnyObject {
    /// Carries out a request other than a subscription, and answers it now or later.
    func answer(_ verb: ControlRequest.Verb, to reply: ControlReply)

    /// What happened in the last microseconds and is still known, oldest first.
    func events(ofLast microseconds: UInt64) -> [ControlEvent]
}

/// A request was refused, or nobody is there to hear it.
package struct ControlError: Error, Equatable, Sendable {
    /// Why, in one line.
    package var text: String
    /// Whether the daemon could not be reached, or is gone.
    package var isUnreachable: Bool

    /// An error with its text.
    package init(_ text: String, isUnreachable: Bool = false) {
        self.text = text
        self.isUnreachable = isUnreachable
    }
}
