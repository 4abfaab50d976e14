/// How long things take on air on the 1M PHY, in nanoseconds, and where the channels lie.
///
/// A bit takes a microsecond. A packet is preamble (1 byte), access address (4), header (2), payload, CRC (3): 10 bytes around the
/// payload (Core 5.4 Vol 6 Part B 2.1).
enum Airtime {
    /// One microsecond in the unit of the air.
    static let microsecond: UInt64 = 1_000
    /// Time between two packets of an exchange, T_IFS (Core 5.4 Vol 6 Part B 4.1.1).
    static let interFrameSpace = 150 * microsecond
    /// What a radio needs to be on its frequency before it can receive or send: 40 us on current chips.
    static let rampUp = 40 * microsecond
    /// From the end of an advertisement on one channel to the start of the next, in which an answer may begin.
    ///
    /// The specification allows up to 10 ms from start to start (Core 5.4 Vol 6 Part B 4.4.2.2).
    static let channelChange = 300 * microsecond
    /// Longest advDelay (Core 5.4 Vol 6 Part B 4.4.2.2).
    static let advertisingDelayMax = 10_000 * microsecond
    /// Unit of connection intervals and of transmit windows (Core 5.4 Vol 6 Part B 4.5.1).
    static let intervalUnit = 1_250 * microsecond
    /// Advertiser address in front of the data of an advertisement (Core 5.4 Vol 6 Part B 2.3.1).
    static let advertiserAddress = 6
    /// Payload of CONNECT_IND (Core 5.4 Vol 6 Part B 2.3.3.1): 352 us on air.
    static let connectIndication = 34
    /// Message integrity check of an encrypted packet with payload (Core 5.4 Vol 6 Part B 2.4).
    static let messageIntegrityCheck = 4

    /// A packet by the length of its payload: (10 + bytes) x 8 us.
    static func packet(_ payload: Int) -> UInt64 { UInt64(10 + payload) * 8 * microsecond }

    /// An exchange of two packets without payload, with what the radio needs to get ready: what an idle link takes of every
    /// interval.
    static let emptyExchange = packet(0) + interFrameSpace + packet(0) + rampUp
}

/// A radio channel: data channels 0...36, advertising channels 37...39 (Core 5.4 Vol 6 Part B 1.4.1).
enum RadioChannel {
    static let advertising: ClosedRange<Int> = 37...39
    static let count = 40

    /// Middle of a channel in MHz (Core 5.4 Vol 6 Part A 2).
    static func megahertz(_ channel: Int) -> Int {
        switch channel {
        case 37: 2402
        case 38: 2426
        case 39: 2480
        case ...10: 2404 + 2 * channel
        default: 2406 + 2 * channel
        }
    }
}
