import Glibc
import MeshConfiguration

/// How strong a node is at another, in thousandths of a dBm, and whether a packet of that strength gets through.
///
///     RSSI = RSSI(1 m) - 10 n log10(d / 1 m) - walls + shadowing of the pair ± asymmetry        fixed, by direction
///            + difference of the channel                                                       fixed, by pair and channel
///            + fading                                                                          drawn, per packet
///
/// Logarithms and exponentials are taken once, at load, and rounded: nothing later depends on the mathematical library.
struct Propagation: Sendable {
    private let atOneMetre: Int
    private let slopePerDecade: Double
    private let shadowing: Int
    private let asymmetry: UInt64
    let fading: Int
    private let channelSpread: Int
    private let draws: AirDraws
    /// The weakest average that is kept: below it one packet in ten gets through at best, and nothing that a node would link to.
    let weakest: Int
    /// Metres beyond which nobody is looked for.
    let reach: Double
    private let loss: LossTable

    init(_ settings: LowEnergySettings, draws: AirDraws) {
        func milli(_ decibels: Double) -> Int { Int((decibels * 1000).rounded()) }
        atOneMetre = milli(settings.rssiAtOneMetre)
        slopePerDecade = -10_000 * settings.exponent
        shadowing = milli(settings.shadowing)
        asymmetry = UInt64(milli(settings.asymmetry))
        fading = milli(settings.fading)
        channelSpread = milli(settings.channelSpread)
        self.draws = draws
        let varying = settings.fading * settings.fading + settings.channelSpread * settings.channelSpread
        weakest = milli(settings.sensitivity - settings.slope - 1.2 * varying.squareRoot())
        let margin = settings.rssiAtOneMetre + 2.5 * settings.shadowing + settings.asymmetry / 2
        reach = max(1, pow(10, (margin - Double(weakest) / 1000) / (10 * settings.exponent)))
        loss = LossTable(sensitivity: settings.sensitivity, slope: settings.slope)
    }

    /// The average strength of one node at another, with walls in between; nil if that is too weak to matter.
    func average(
        from one: Int,
        at site: Placement.Site,
        to other: Int,
        at otherSite: Placement.Site,
        walls: [RadioWall] = []
    ) -> Int? {
        let (dx, dy, dz) = (site.x - otherSite.x, site.y - otherSite.y, site.z - otherSite.z)
        let square = dx * dx + dy * dy + dz * dz
        guard square <= reach * reach else { return nil }
        let distance = max(0.1, square.squareRoot())
        let pair = draws.word(.shadowing, min(one, other), max(one, other))
        var strength = atOneMetre + Int((slopePerDecade * log10(distance)).rounded())
        strength += AirDraws.normal(pair, deviation: shadowing)
        // One direction has as much more as the other has less.
        let skew = Int(AirDraws.uniform(draws.word(.asymmetry, min(one, other), max(one, other)), below: asymmetry + 1))
        strength += (one < other ? 1 : -1) * (skew - Int(asymmetry) / 2)
        for wall in walls where wall.segment.isCrossed(from: site, to: otherSite) {
            strength -= Int((wall.lossDecibels * 1000).rounded())
        }
        return strength >= weakest ? strength : nil
    }

    /// What a packet from one node to another has more or less than the average, by channel and moment.
    @inline(__always)
    func variation(from one: Int, to other: Int, channel: Int, at moment: UInt64) -> Int {
        var variation = 0
        if channelSpread != 0 {
            let word = draws.word(.channel, min(one, other), max(one, other), at: UInt64(channel))
            variation += AirDraws.normal(word, deviation: channelSpread)
        }
        if fading != 0 {
            variation += AirDraws.normal(draws.word(.fading, one, other, at: moment), deviation: fading)
        }
        return variation
    }

    /// Whether a packet gets through that arrives with a strength; `word` is drawn for it.
    @inline(__always)
    func passes(_ strength: Int, payload: Int, word: UInt64) -> Bool {
        loss.passes(strength, payload: payload, word: word)
    }

    /// Whole dBm as a host reads them, cut toward zero.
    static func reading(_ strength: Int) -> Int8 { Int8(max(-127, min(20, strength / 1000))) }
}

/// Probability of reception by strength and length.
///
/// The odds of loss are e^-(x + c) (10 + payload) / 47, x = (RSSI - sensitivity) / slope, c such that of packets with 37 bytes of
/// payload 30.8 % are lost at the sensitivity: that is its definition (Core 5.4 Vol 6 Part A 4.1). Where loss is rare it is
/// proportional to the length, as independent errors of the bits are.
struct LossTable: Sendable {
    private static let stepsPerDecibel = 4
    private static let decibels = 40
    private static let payloads = 272
    private static let granularity = 8

    /// Lowest strength of the table, in thousandths of a dBm.
    private let base: Int
    /// Chances in 65,536, by strength, then by length.
    private let chances: ContiguousArray<UInt32>

    init(sensitivity: Double, slope: Double) {
        base = Int((sensitivity * 1000).rounded()) - Self.decibels / 2 * 1000
        var chances = ContiguousArray<UInt32>()
        for step in 0..<Self.decibels * Self.stepsPerDecibel {
            let above = Double(step) / Double(Self.stepsPerDecibel) - Double(Self.decibels) / 2
            let odds = slope == 0 ? (above >= 0 ? 0 : Double.infinity) : exp(-above / slope) * 0.308 / 0.692
            for length in 0..<Self.payloads / Self.granularity {
                let bytes = Double(10 + length * Self.granularity + Self.granularity / 2)
                chances.append(UInt32((65_536 / (1 + odds * bytes / 47)).rounded()))
            }
        }
        self.chances = chances
    }

    @inline(__always)
    func passes(_ strength: Int, payload: Int, word: UInt64) -> Bool {
        UInt32(truncatingIfNeeded: word & 0xFFFF) < chance(strength, payload: payload)
    }

    /// Chance in 65,536.
    @inline(__always)
    func chance(_ strength: Int, payload: Int) -> UInt32 {
        guard strength >= base else { return 0 }
        let step = min((strength - base) * Self.stepsPerDecibel / 1000, Self.decibels * Self.stepsPerDecibel - 1)
        return chances[step * (Self.payloads / Self.granularity) + payload / Self.granularity]
    }
}
