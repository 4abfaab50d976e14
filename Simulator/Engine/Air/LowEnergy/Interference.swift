import Glibc
import MeshConfiguration

/// What else is on air: Wi-Fi networks as busy time on the channels that they cover, and jammers.
///
/// A Wi-Fi network is on and off at random, on for `burst` on average and so often that it is on for the share `busy` of the
/// time. A packet of length T is clear of it with probability (1 - busy) e^(-T / pause), pause = burst (1 - busy) / busy.
struct Interference: Sendable {
    private struct Network: Sendable {
        var channels: UInt64
        /// A packet this strong comes through anyway.
        var harmless: Int
        /// Chances of being clear in 65,536, by length in steps of 8 us.
        var clear: ContiguousArray<UInt32>
    }

    private static let lengthsMax = 280
    private let networks: [Network]
    /// Jammed channels, one bit each, with how many jammers there are.
    private var jammers: [UInt64] = []
    private var jammed: UInt64 = 0

    init(_ settings: LowEnergySettings) {
        networks = settings.wifi.map { wifi in
            let middle = 2407 + 5 * wifi.channel
            var channels: UInt64 = 0
            for channel in 0..<RadioChannel.count where abs(RadioChannel.megahertz(channel) - middle) <= 10 {
                channels |= 1 << UInt64(channel)
            }
            let busy = wifi.busyPercent / 100
            let clear = (0..<Self.lengthsMax).map { step in
                guard busy > 0 else { return UInt32(65_536) }
                guard busy < 1 else { return UInt32(0) }
                let pause = wifi.burstMicroseconds * (1 - busy) / busy
                return UInt32(((1 - busy) * exp(-Double(step * 8) / pause) * 65_536).rounded())
            }
            let harmless = Int(((wifi.levelDBm + settings.capture) * 1000).rounded())
            return Network(channels: channels, harmless: harmless, clear: ContiguousArray(clear))
        }
    }

    /// Whether there is nothing that could disturb.
    var isNone: Bool { networks.isEmpty && jammed == 0 }

    /// Whether a packet is destroyed; `word` is drawn for it.
    func destroys(channel: Int, length: UInt64, strength: Int, word: UInt64) -> Bool {
        if jammed >> UInt64(channel) & 1 == 1 { return true }
        var word = word
        for network in networks where network.channels >> UInt64(channel) & 1 == 1 && strength < network.harmless {
            let step = min(Int(length / (8 * Airtime.microsecond)), Self.lengthsMax - 1)
            if UInt32(truncatingIfNeeded: word & 0xFFFF) >= network.clear[step] { return true }
            // Sixteen bits for each; four networks are all that fit side by side on 2.4 GHz.
            word = word >> 16 | word << 48
        }
        return false
    }

    /// A jammer sends on channels, one bit each.
    mutating func jam(_ channels: UInt64) {
        jammers.append(channels)
        jammed |= channels
    }

    /// A jammer on these channels falls silent.
    mutating func unjam(_ channels: UInt64) {
        if let position = jammers.firstIndex(of: channels) { jammers.remove(at: position) }
        jammed = jammers.reduce(0, |)
    }
}
