import MeshConfiguration

/// What is wanted of a survey of the mesh.
package struct SurveyRequest: Equatable, Sendable {
    /// Whom each node hears, too.
    package var hearing: Bool
    /// What each node is, too.
    package var devices: Bool
    /// How old answers may be, in microseconds; nil: a minute, or twice as long as asking all nodes takes if that is longer.
    package var maxAge: UInt64?
    /// How long to gather before what is known is told, in microseconds of the node's time.
    package var wait: UInt64

    /// Time to gather if nobody says otherwise.
    package static let defaultWait: UInt64 = 60_000_000

    /// Links alone, as usual.
    package init(hearing: Bool = false, devices: Bool = false, maxAge: UInt64? = nil, wait: UInt64 = defaultWait) {
        self.hearing = hearing
        self.devices = devices
        self.maxAge = maxAge
        self.wait = wait
    }

    /// Longest time of a request, in seconds.
    package static let secondsMax = 86_400.0

    /// The request that keys stand for.
    init(_ keys: Section) throws(ConfigurationError) {
        self.init(
            hearing: try keys.optional("hearing")?.flag() ?? false,
            devices: try keys.optional("devices")?.flag() ?? false,
            maxAge: try Self.microseconds(keys, "max_age_s"),
            wait: try Self.microseconds(keys, "wait_s") ?? Self.defaultWait
        )
    }

    private static func microseconds(_ keys: Section, _ key: String) throws(ConfigurationError) -> UInt64? {
        guard let seconds = try keys.optional(key)?.number(0...secondsMax, unit: "s") else { return nil }
        return UInt64(seconds * 1_000_000)
    }
}
