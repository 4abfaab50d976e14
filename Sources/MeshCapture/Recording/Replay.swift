public import MeshCore
import MeshWire
public import RadioPort

/// Runs a node on what another one was told, and compares what it answers.
///
/// Each input that was answered carries 16 bits of the digest, so that the first difference is found where it is; each
/// checkpoint carries all of the digest, so that what came before is proven.
///
/// ```swift
/// let recording = try RecordingReader(path: "node-7.recording", keys: nil)
/// var replay = Replay(recording, cipher: AES128.cipher)
/// replay.run()
/// print(replay.difference == nil, replay.provenInputs, replay.node.clusterSize)
/// ```
public struct Replay {
    /// The first input that is answered otherwise than recorded.
    public struct Difference: Equatable, Sendable {
        /// Its number, from 1; at a checkpoint the last input before it.
        public var input: Int
        /// What kind of input it is.
        public var kind: RecordKind
        /// When it came.
        public var at: Instant
    }

    /// Why the replay came to its end.
    public enum Stop: Equatable, Sendable {
        /// The recording was completed.
        case ended(RecordingEnd)
        /// It is whole but has no end: whoever recorded was killed, or still records.
        case unfinished
        /// It cannot be read further.
        case damaged(RecordingReader.Damage)
        /// The time that was asked for.
        case asked
    }

    /// What is replayed.
    public var header: RecordingHeader { recording.header }
    /// The node after all inputs so far.
    public private(set) var node: Node
    /// The first difference, nil if there is none.
    public private(set) var difference: Difference?
    /// Why it stopped; nil before.
    public private(set) var stop: Stop?
    /// Inputs given to the node.
    public private(set) var inputs = 0
    /// How many there were of each kind.
    public private(set) var counts: [RecordKind: Int] = [:]
    /// Checkpoints that agreed.
    public private(set) var checkpoints = 0
    /// Inputs before the last of these.
    public private(set) var provenInputs = 0
    /// Time of the last input before it.
    public private(set) var provenAt: Instant?
    /// Time of the first input.
    public private(set) var began: Instant?
    /// Time of the node: that of the last input, or the one that was asked for.
    public private(set) var now = Instant.zero

    private var recording: RecordingReader
    private var digest = OutputDigest()
    private var outputs = Outputs()

    /// A node that has not been told anything.
    ///
    /// - Parameters:
    ///   - recording: a recording that nothing has been read of.
    ///   - cipher: AES-128.
    ///   - tracing: whether the node tells what it thinks; that changes nothing else.
    public init(_ recording: RecordingReader, cipher: @escaping BlockCipher, tracing: Bool = false) {
        self.recording = recording
        var configuration = recording.header.configuration
        configuration.tracing = tracing
        node = Node(
            identity: recording.header.identity,
            configuration: configuration,
            seed: recording.header.seed,
            cipher: cipher
        )
    }

    /// Microseconds between the first input and ``now``.
    public var span: UInt64 { time(of: now) }

    /// Microseconds between the first input and an instant.
    public func time(of instant: Instant) -> UInt64 { began.map { instant.microseconds(since: $0) } ?? 0 }

    /// Gives the node all inputs.
    ///
    /// - Parameters:
    ///   - until: microseconds after the first input at which to stop; nil at the end.
    ///   - observe: takes each output, and microseconds since the first input.
    public mutating func run(until: UInt64? = nil, observe: (Output, UInt64) -> Void = { _, _ in }) {
        while stop == nil {
            switch recording.next() {
            case .records(let records):
                for record in records where stop == nil { take(record, until: until, observe) }
            case .damage(let damage): stop = .damaged(damage)
            case .finished: stop = .unfinished
            }
        }
        // A complete recording ends with its end, and nothing else.
        if case .ended = stop, case .damage(let damage) = recording.next() { stop = .damaged(damage) }
    }

    private mutating func take(_ record: Record, until: UInt64?, _ observe: (Output, UInt64) -> Void) {
        switch record {
        case .input(let recorded):
            let start = began ?? recorded.at
            began = start
            if let until, recorded.at.microseconds(since: start) > until {
                now = start.advanced(byMicroseconds: until)
                stop = .asked
                return
            }
            handle(recorded, observe)
        case .checkpoint(let value):
            if value == digest.value {
                checkpoints += 1
                provenInputs = inputs
                provenAt = now
            } else {
                difference = difference ?? Difference(input: inputs, kind: .checkpoint, at: now)
            }
        case .end(let end): stop = .ended(end)
        }
    }

    private mutating func handle(_ recorded: RecordedInput, _ observe: (Output, UInt64) -> Void) {
        now = recorded.at
        let before = digest
        node.handle(recorded.input, at: now, into: &outputs)
        for output in outputs.items {
            digest.add(output, node: header.identity.node.rawValue, at: now)
            observe(output, span)
        }
        outputs.removeAll()
        inputs += 1
        let kind = RecordKind(recorded.input)
        counts[kind, default: 0] += 1
        let check = digest == before ? nil : digest.check
        if check != recorded.check, difference == nil {
            difference = Difference(input: inputs, kind: kind, at: now)
        }
    }
}
