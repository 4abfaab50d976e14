/// What the control socket shows and operates: a daemon, or a simulated node.
package protocol ControlSource: AnyObject {
    /// Carries out a request other than a subscription.
    ///
    /// - Returns: the objects of the answer, without id.
    /// - Throws: why it is refused.
    func answer(_ verb: ControlRequest.Verb) throws(ControlError) -> [JSONObject]
}

/// A request was refused.
package struct ControlError: Error, Equatable, Sendable {
    /// Why, in one line.
    package var text: String

    /// An error with its text.
    package init(_ text: String) { self.text = text }
}
