/// Names one link of one radio: 1, 2, 3 …, never reused in a run; 0 is no link.
@frozen
public struct LinkID: RawRepresentable, Hashable, Comparable, Sendable {
    /// The number given by the radio.
    public var rawValue: UInt32

    /// The link numbered `rawValue`.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Compares by raw value.
    @inlinable
    public static func < (left: LinkID, right: LinkID) -> Bool { left.rawValue < right.rawValue }
}

/// Chosen by the node for one connect attempt and echoed in its outcome; 0 marks incoming links.
@frozen
public struct ConnectToken: RawRepresentable, Hashable, Sendable {
    /// The number chosen by the node.
    public var rawValue: UInt32

    /// The token numbered `rawValue`.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// What an incoming link carries.
    public static let incoming = ConnectToken(rawValue: 0)
}

/// An attribute handle of an ATT server, 1...0xFFFF (Core 5.4 Vol 3 Part F 3.2.2).
@frozen
public struct AttributeHandle: RawRepresentable, Hashable, Sendable {
    /// The handle; 0 is reserved.
    public var rawValue: UInt16

    /// The handle `rawValue`.
    @inlinable
    public init(rawValue: UInt16) { self.rawValue = rawValue }
}

/// The end of a link that a node is.
@frozen
public enum LinkRole: UInt8, Hashable, Sendable {
    /// It opened the link.
    case central = 0
    /// It was connected to.
    case peripheral = 1
}

/// A status or disconnect reason of the controller (Core 5.4 Vol 1 Part F).
@frozen
public struct HCIStatus: RawRepresentable, Hashable, Sendable {
    /// The code as in HCI events.
    public var rawValue: UInt8

    /// The code `rawValue`.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// No error.
    public static let success = HCIStatus(rawValue: 0x00)
    /// The radio failed, and what it had for the host is lost.
    public static let hardwareFailure = HCIStatus(rawValue: 0x03)
    /// The peer could not be authenticated.
    public static let authenticationFailure = HCIStatus(rawValue: 0x05)
    /// The peer has no key to give.
    public static let keyMissing = HCIStatus(rawValue: 0x06)
    /// Nothing was heard for the supervision time-out.
    public static let connectionTimeout = HCIStatus(rawValue: 0x08)
    /// The controller has no room for another link.
    public static let limitReached = HCIStatus(rawValue: 0x09)
    /// The controller cannot do this in its present state.
    public static let commandDisallowed = HCIStatus(rawValue: 0x0C)
    /// The peer closed the link on purpose.
    public static let remoteUserTerminated = HCIStatus(rawValue: 0x13)
    /// This host closed the link.
    public static let localHostTerminated = HCIStatus(rawValue: 0x16)
    /// A message integrity check failed: wrong key.
    public static let micFailure = HCIStatus(rawValue: 0x3D)
    /// The link was never established.
    public static let failedToEstablish = HCIStatus(rawValue: 0x3E)
}

/// Link-layer parameters of a connection (Core 5.4 Vol 6 Part B 4.5).
@frozen
public struct ConnectionParameters: Hashable, Sendable {
    /// Connection interval in units of 1.25 ms, 6...3200.
    public var interval: UInt16
    /// Peripheral latency in connection events, 0...499.
    public var latency: UInt16
    /// Supervision time-out in units of 10 ms, 10...3200.
    public var supervisionTimeout: UInt16

    /// Parameters in controller units.
    @inlinable
    public init(interval: UInt16, latency: UInt16, supervisionTimeout: UInt16) {
        self.interval = interval
        self.latency = latency
        self.supervisionTimeout = supervisionTimeout
    }
}

/// Scan interval and window (Core 5.4 Vol 6 Part B 4.4.3).
@frozen
public struct ScanTiming: Hashable, Sendable {
    /// Scan interval in microseconds.
    public var intervalMicroseconds: UInt32
    /// Scan window in microseconds, at most the interval.
    public var windowMicroseconds: UInt32

    /// A window every interval.
    @inlinable
    public init(intervalMicroseconds: UInt32, windowMicroseconds: UInt32) {
        self.intervalMicroseconds = intervalMicroseconds
        self.windowMicroseconds = windowMicroseconds
    }
}

/// The 16 bytes of an AES-128 key, in storage order.
@frozen
public struct Key128: Hashable, Sendable {
    /// Bytes 0...7, little-endian.
    public var low: UInt64
    /// Bytes 8...15, little-endian.
    public var high: UInt64

    /// A key from its two halves.
    @inlinable
    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// Sixteen times the same byte.
    public init(repeating byte: UInt8) {
        let half = UInt64(byte) &* 0x0101_0101_0101_0101
        self.init(low: half, high: half)
    }

    /// A key from exactly 16 bytes; nil otherwise.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            halves.0 |= UInt64(bytes[index]) << (UInt64(index) * 8)
            halves.1 |= UInt64(bytes[index + 8]) << (UInt64(index) * 8)
        }
        self.init(low: halves.0, high: halves.1)
    }

    /// Byte `index`, 0..<16.
    @inlinable
    public subscript(index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: (index < 8 ? low : high) >> (UInt64(index & 7) * 8))
    }

    /// All 16 bytes.
    public var bytes: [UInt8] { (0..<16).map { self[$0] } }

    /// Sixteen 0xFF bytes: no key is set (protocol §1.10).
    public static let unset = Key128(repeating: 0xFF)
    /// Sixteen 0x00 bytes (protocol §1.10).
    public static let zero = Key128(repeating: 0)
}
