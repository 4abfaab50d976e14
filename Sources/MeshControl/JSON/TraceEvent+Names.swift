package import MeshCore

extension TraceEvent {
    /// The names of all events, in the order in which ``nameAndFields`` gives them.
    package static let names: [String] = [
        "started", "discovery", "candidate", "bystander", "decision", "connectRefused", "connecting", "connectFailed",
        "linkUp", "identified", "linkRefused", "linkDown", "encryptionFailed", "linkProtected", "handshakeStarted",
        "welcomed", "handshakeRefused", "handshakeDone", "connectionRemoved", "dissolved", "newCluster", "clusterSize",
        "masterBit", "counterMismatch", "reestablishing", "reestablishmentSkipped", "reestablished", "splitDropped",
        "malformed", "unknownType", "queueFull", "unexpected", "emergency", "emergencyAnswered", "emergencyDecided",
        "accessEstablished", "accessBroken", "accessDropped", "noEntropy", "graft", "split", "role", "engage",
        "leftAlone", "called", "knocked", "roomRefused", "roleAsked", "roleWithdrawn", "room", "otherMode",
        "clusteringPlanned", "clusteringKept", "clusteringChanged", "enrolment", "enrolling", "enrollingEnded",
        "hopsToSink",
    ]

    /// What is wrong with the name of an event that somebody asks for, nil if there is such an event.
    ///
    /// - Parameters:
    ///   - name: the name.
    ///   - others: names of events besides those that nodes think.
    /// - Returns: a sentence with the name that may be meant.
    package static func problem(withName name: String, others: [String] = []) -> String? {
        let known = names + others
        guard !known.contains(name) else { return nil }
        return "'\(name)' is no event; did you mean '\(Similar.word(to: name, among: known) ?? "")'?"
    }
}
