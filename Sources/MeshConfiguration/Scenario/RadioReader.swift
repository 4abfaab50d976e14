/// Reads the `radio` section of a scenario: the name of a profile, or a section with the levels of the `ble` radio.
enum RadioReader {
    private static let levels = ScenarioKeys.radioLevels

    static func radio(
        _ field: Field
    ) throws(ConfigurationError) -> (profile: RadioProfile, lowEnergy: LowEnergySettings) {
        guard case .mapping = field.node.content else { return (try field.choice(), LowEnergySettings()) }
        let keys = try field.section(ScenarioKeys.radio)
        let profile: RadioProfile = try keys.optional("profile")?.choice() ?? .standard
        if profile == .reference, let level = levels.lazy.compactMap({ keys.optional($0) }).first {
            throw level.error("the reference radio has no levels", allowed: "only beside profile: ble")
        }
        return (profile, try lowEnergy(keys))
    }

    private static func lowEnergy(_ keys: Section) throws(ConfigurationError) -> LowEnergySettings {
        var settings = LowEnergySettings()
        if let environment = keys.optional("environment") {
            let choice: RadioEnvironment = try environment.choice()
            settings.exponent = choice.exponent
            settings.shadowing = choice.shadowing
        }
        try read("rssi_at_1m_dbm", of: keys, -80...(-20), "dBm", into: &settings.rssiAtOneMetre)
        try read("exponent", of: keys, 1.5...6, "", into: &settings.exponent)
        try read("shadowing_db", of: keys, 0...12, "dB", into: &settings.shadowing)
        try read("fading_db", of: keys, 0...6, "dB", into: &settings.fading)
        try read("asymmetry_db", of: keys, 0...6, "dB", into: &settings.asymmetry)
        try read("channel_spread_db", of: keys, 0...6, "dB", into: &settings.channelSpread)
        try read("sensitivity_dbm", of: keys, -110...(-70), "dBm", into: &settings.sensitivity)
        try read("slope_db", of: keys, 0...5, "dB", into: &settings.slope)
        try read("capture_db", of: keys, 0...20, "dB", into: &settings.capture)
        if let given = keys.optional("collisions") { settings.collisions = try given.flag() }
        if let given = keys.optional("shared_radio") { settings.sharedRadio = try given.flag() }
        if let given = keys.optional("clock_ppm") { settings.clockPPM = try given.integer(0...500, unit: "ppm") }
        if let given = keys.optional("interval_spread") {
            settings.intervalSpread = try given.integer(0...80, unit: "x 1.25 ms")
        }
        if let given = keys.optional("boot_spread") {
            settings.bootSpreadMicroseconds = try given.duration(0...60_000_000)
        }
        if let given = keys.optional("controller") { settings.controller = try given.choice() }
        if let given = keys.optional("walls") { settings.walls = try walls(given) }
        if let given = keys.optional("wifi") { settings.wifi = try wifi(given) }
        if let given = keys.optional("failures") { settings.failures = try failures(given) }
        return settings
    }

    private static func read(
        _ key: String,
        of keys: Section,
        _ range: ClosedRange<Double>,
        _ unit: String,
        into value: inout Double
    ) throws(ConfigurationError) {
        if let given = keys.optional(key) { value = try given.number(range, unit: unit) }
    }

    private static func walls(_ list: Field) throws(ConfigurationError) -> [RadioWall] {
        var walls: [RadioWall] = []
        for item in try list.items("walls as {from: [x, y], to: [x, y], loss_db}") {
            let keys = try item.section(ScenarioKeys.wall)
            walls.append(
                RadioWall(try segment(keys), lossDecibels: try loss(try keys.required("loss_db", "0...60 dB")))
            )
        }
        return walls
    }

    /// The line from `from` to `to`.
    static func segment(_ keys: Section) throws(ConfigurationError) -> Segment {
        let from = try point(try keys.required("from", "[x, y] in metres"))
        let to = try point(try keys.required("to", "[x, y] in metres"))
        return Segment(fromX: from.x, fromY: from.y, toX: to.x, toY: to.y)
    }

    /// What a wall takes, in dB.
    static func loss(_ field: Field) throws(ConfigurationError) -> Double { try field.number(0...60, unit: "dB") }

    /// Two metres as `[x, y]`.
    static func point(_ field: Field) throws(ConfigurationError) -> (x: Double, y: Double) {
        let items = try field.items("[x, y] in metres")
        guard items.count == 2 else { throw field.error("\(items.count) numbers", allowed: "[x, y] in metres") }
        return (try items[0].number(Layout.extent, unit: "m"), try items[1].number(Layout.extent, unit: "m"))
    }

    private static func wifi(_ list: Field) throws(ConfigurationError) -> [WiFiInterference] {
        var networks: [WiFiInterference] = []
        for item in try list.items("networks as {channel, busy, burst, level_dbm}") {
            let keys = try item.section(ScenarioKeys.wifi)
            let burst = try keys.optional("burst")?.duration(50...10_000) ?? 1_000
            networks.append(
                WiFiInterference(
                    channel: try keys.required("channel", "1...13").integer(1...13),
                    busyPercent: try keys.required("busy", "0...100 %").number(0...100, unit: "%"),
                    burstMicroseconds: Double(burst),
                    levelDBm: try keys.optional("level_dbm")?.number(-110...0, unit: "dBm") ?? -60
                )
            )
        }
        return networks
    }

    private static func failures(_ field: Field) throws(ConfigurationError) -> ControllerFailures {
        let keys = try field.section(ScenarioKeys.failures)
        var failures = ControllerFailures()
        try read("connect_fails", of: keys, 0...100, "%", into: &failures.connectFailsPercent)
        try read("stuck_advertising", of: keys, 0...100, "%", into: &failures.stuckAdvertisingPercent)
        if let given = keys.optional("silent_after") {
            failures.silentAfterMicroseconds = try given.duration(1_000_000...ScenarioFile.durationMaxMicroseconds)
        }
        return failures
    }
}
