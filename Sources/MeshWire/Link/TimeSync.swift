public import ByteCoding

/// Hands the time from partner to partner (protocol §10.4).
///
/// Little-endian. A header of type 60 and the phase are followed by what the phase needs.
///
/// | phase | name            | total | after offset 5                                                           |
/// |------:|-----------------|------:|--------------------------------------------------------------------------|
/// |     0 | initial         |    24 | u32 syncTime, u32 timeSinceSync, u32 ticks, i16 offset, u32 counter      |
/// |     1 | initialReply    |     6 |                                                                          |
/// |     2 | correction      |    10 | u32 ticks                                                                |
/// |     3 | correctionReply |     6 |                                                                          |
/// |     4 | interNetwork    |    20 | u32 syncTime, u32 timeSinceSync, u32 ticks, i16 offset                   |
public struct TimeSync: WireMessage {
    /// Bytes of the shortest encoded form.
    public static let minimumSize = 6

    /// The node that wrote the message.
    public var sender: NodeID
    /// Its partner.
    public var receiver: NodeID
    /// The step of the procedure, with its values.
    public var phase: Phase

    /// A time with the instant it was taken at.
    public struct Time: WireMessage {
        /// Seconds since 1970 at the last setting; 0 if never set.
        public var syncTime: UInt32
        /// Seconds since then.
        public var timeSinceSync: UInt32
        /// Ticks of 1/32768 s on top.
        public var additionalTicks: UInt32
        /// Offset of local time in minutes.
        public var offset: Int16

        /// A time from its fields.
        public init(syncTime: UInt32, timeSinceSync: UInt32, additionalTicks: UInt32, offset: Int16) {
            self.syncTime = syncTime
            self.timeSinceSync = timeSinceSync
            self.additionalTicks = additionalTicks
            self.offset = offset
        }

        /// Decodes the fields in order.
        public init(from reader: inout ByteReader) throws(CodingError) {
            syncTime = try reader.read()
            timeSinceSync = try reader.read()
            additionalTicks = try reader.read()
            offset = try reader.read()
        }

        /// Encodes the fields in order.
        public func encode(into writer: inout ByteWriter) throws(CodingError) {
            try writer.write(syncTime)
            try writer.write(timeSinceSync)
            try writer.write(additionalTicks)
            try writer.write(offset)
        }
    }

    /// A step of the procedure.
    public enum Phase: Equatable, Sendable {
        /// The time when the message was queued; the higher counter wins.
        case initial(Time, counter: UInt32)
        /// The time has arrived.
        case initialReply
        /// How long the message had waited, in ticks of 1/32768 s.
        case correction(ticks: UInt32)
        /// The correction has arrived.
        case correctionReply
        /// The time, for a node of another network.
        case interNetwork(Time)
        /// A phase of a later version.
        case unknown(phase: UInt8, payload: InlineBytes<194>)
    }

    /// A message from its fields.
    public init(sender: NodeID, receiver: NodeID, phase: Phase) {
        self.sender = sender
        self.receiver = receiver
        self.phase = phase
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let header = try MessageHeader(from: &reader, expecting: .timeSync)
        sender = header.sender
        receiver = header.receiver
        let number = try reader.read(UInt8.self)
        switch number {
        case 0: phase = .initial(try Time(from: &reader), counter: try reader.read())
        case 1: phase = .initialReply
        case 2: phase = .correction(ticks: try reader.read())
        case 3: phase = .correctionReply
        case 4: phase = .interNetwork(try Time(from: &reader))
        default: phase = .unknown(phase: number, payload: try reader.readAvailable())
        }
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try MessageHeader(type: .timeSync, sender: sender, receiver: receiver).encode(into: &writer)
        switch phase {
        case .initial(let time, let counter):
            try writer.write(0 as UInt8)
            try time.encode(into: &writer)
            try writer.write(counter)
        case .initialReply:
            try writer.write(1 as UInt8)
        case .correction(let ticks):
            try writer.write(2 as UInt8)
            try writer.write(ticks)
        case .correctionReply:
            try writer.write(3 as UInt8)
        case .interNetwork(let time):
            try writer.write(4 as UInt8)
            try time.encode(into: &writer)
        case .unknown(let number, let payload):
            try writer.write(number)
            try writer.write(payload)
        }
    }
}
