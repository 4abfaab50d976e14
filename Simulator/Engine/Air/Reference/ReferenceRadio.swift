import Glibc

/// The `reference` radio profile: the simplified model in which the reference firmware was measured.
///
/// RSSI = -56 dBm - 20 log10(d / 1 m), never above -11 dBm, nothing beyond 50 m along any axis. A packet is received with a
/// probability that depends on the RSSI alone. No channels, no collisions, no half-duplex limit, no jitter, no clock drift.
/// Left out of the original: its optional noise, which is off by default.
enum ReferenceRadio {
    /// Length of a step: everything happens on its boundaries.
    static let stepMicroseconds: UInt64 = 50_000
    /// Reach along any axis, in metres.
    static let reach = 50.0

    /// One host call in this many is answered "busy".
    static let busyOneIn: UInt32 = 100

    /// Classes of reception probability by RSSI, best first: probability in tenths.
    static let tenths: [UInt32] = [9, 8, 5, 3]

    /// RSSI in whole dBm, truncated toward zero, over a distance in metres; nil if nothing is received.
    static func rssi(dx: Double, dy: Double, dz: Double) -> Int8? {
        guard abs(dx) <= reach, abs(dy) <= reach, abs(dz) <= reach else { return nil }
        let distance = max(1e-3, (dx * dx + dy * dy + dz * dz).squareRoot())
        // Once per pair, at load: rounded to thousandths of a dBm, so that no later result depends on the libm.
        let milli = Int((-56_000 - 20_000 * log10(distance)).rounded())
        let clamped = min(-11_000, milli)
        guard clamped > -128_000 else { return nil }
        return Int8(clamped / 1000)
    }

    /// The class of reception probability, nil if nothing passes.
    static func receptionClass(rssi: Int8) -> UInt8? {
        switch rssi {
        case (-59)...: 0
        case (-79)...: 1
        case (-84)...: 2
        case (-89)...: 3
        default: nil
        }
    }

    /// Largest number of packets in one connection event, by the number of links of the node.
    static func packetsPerEvent(links: Int) -> UInt32 {
        switch links {
        case ...1: 7
        case 2: 5
        default: 3
        }
    }
}
