import ByteCoding
public import MeshCore
import MeshWire
import RadioPort

/// What a record holds, by its tag; the numbers are those of the file.
public enum RecordKind: UInt8, Sendable, CaseIterable {
    /// The digest of all outputs so far.
    case checkpoint = 0
    /// The recording ends here, and why.
    case end = 1

    /// A boot.
    case started = 2
    /// A deadline may have passed.
    case wake = 3
    /// Random bytes.
    case entropy = 4

    /// A request of that name.
    case send = 8
    /// A request of that name.
    case sendRaw = 9
    /// A request of that name.
    case setTime = 10
    /// A request of that name.
    case reset = 11
    /// A request of that name.
    case discovery = 12
    /// A request of that name.
    case disconnect = 13

    /// A radio event of that name.
    case ready = 16
    /// A radio event of that name.
    case capabilitiesChanged = 17
    /// A radio event of that name.
    case failed = 18
    /// A radio event of that name.
    case advertisement = 19
    /// A radio event of that name.
    case connected = 20
    /// A radio event of that name.
    case connectFailed = 21
    /// A radio event of that name.
    case encrypted = 22
    /// A radio event of that name.
    case keyRequested = 23
    /// A radio event of that name.
    case mtu = 24
    /// A radio event of that name.
    case discovered = 25
    /// A radio event of that name.
    case written = 26
    /// A radio event of that name.
    case notified = 27
    /// A radio event of that name.
    case writeConfirmed = 28
    /// A radio event of that name.
    case sent = 29
    /// A radio event of that name.
    case parametersRequested = 30
    /// A radio event of that name.
    case parametersChanged = 31
    /// A radio event of that name.
    case linkRSSI = 32
    /// A radio event of that name.
    case disconnected = 33

    /// The kind of an input.
    public init(_ input: Input) {
        self =
            switch input {
            case .started: .started
            case .wake: .wake
            case .entropy: .entropy
            case .request(let request): Self(request)
            case .radio(let event): Self(event)
            }
    }

    private init(_ request: Request) {
        self =
            switch request {
            case .send: .send
            case .sendRaw: .sendRaw
            case .setTime: .setTime
            case .reset: .reset
            case .discovery: .discovery
            case .disconnect: .disconnect
            }
    }

    private init(_ event: RadioEvent) {
        self =
            switch event {
            case .ready: .ready
            case .capabilitiesChanged: .capabilitiesChanged
            case .failed: .failed
            case .advertisement: .advertisement
            case .connected: .connected
            case .connectFailed: .connectFailed
            case .encrypted: .encrypted
            case .keyRequested: .keyRequested
            case .mtu: .mtu
            case .discovered: .discovered
            case .written: .written
            case .notified: .notified
            case .writeConfirmed: .writeConfirmed
            case .sent: .sent
            case .parametersRequested: .parametersRequested
            case .parametersChanged: .parametersChanged
            case .linkRSSI: .linkRSSI
            case .disconnected: .disconnected
            }
    }
}

extension Input {
    /// Reads the fields of an input of a kind; nil if the kind is none of an input.
    init?(recorded kind: RecordKind, from reader: inout ByteReader) throws(CodingError) {
        switch kind {
        case .checkpoint, .end: return nil
        case .started: self = .started(boot: try BootRecord(recorded: &reader))
        case .wake: self = .wake
        case .entropy: self = .entropy(try InlineBytes(recorded: &reader))
        case .send, .sendRaw, .setTime, .reset, .discovery, .disconnect:
            self = .request(try Request(recorded: kind, from: &reader))
        case .ready, .capabilitiesChanged, .failed, .advertisement, .connected, .connectFailed, .encrypted,
            .keyRequested,
            .mtu, .discovered, .written, .notified, .writeConfirmed, .sent, .parametersRequested, .parametersChanged,
            .linkRSSI, .disconnected:
            self = .radio(try RadioEvent(recorded: kind, from: &reader))
        }
    }

    /// Writes the fields, without the kind.
    func record(into writer: inout ByteWriter) throws(CodingError) {
        switch self {
        case .started(let boot): try boot.record(into: &writer)
        case .wake: break
        case .entropy(let bytes): try bytes.record(into: &writer)
        case .request(let request): try request.record(into: &writer)
        case .radio(let event): try event.record(into: &writer)
        }
    }
}

extension Request {
    fileprivate init(recorded kind: RecordKind, from reader: inout ByteReader) throws(CodingError) {
        switch kind {
        case .send: self = .send(try InlineBytes(recorded: &reader))
        case .sendRaw: self = .sendRaw(try InlineBytes(recorded: &reader))
        case .setTime:
            self = .setTime(seconds: try UInt32(recorded: &reader), offsetMinutes: try Int16(recorded: &reader))
        case .reset: self = .reset(afterDeciseconds: try UInt32(recorded: &reader))
        case .discovery: self = .discovery(running: try Bool(recorded: &reader))
        case .disconnect: self = .disconnect(try NodeID?(recorded: &reader))
        default: throw .invalidField("request", value: UInt64(kind.rawValue))
        }
    }

    fileprivate func record(into writer: inout ByteWriter) throws(CodingError) {
        switch self {
        case .send(let message), .sendRaw(let message): try message.record(into: &writer)
        case .setTime(let seconds, let offset):
            try seconds.record(into: &writer)
            try offset.record(into: &writer)
        case .reset(let deciseconds): try deciseconds.record(into: &writer)
        case .discovery(let running): try running.record(into: &writer)
        case .disconnect(let partner): try partner.record(into: &writer)
        }
    }
}
