import ByteCoding
import Glibc
public import LinuxSystem
public import MeshCore
import MeshWire
public import RadioPort

/// Writes every input of a node to a file, and what came of them as a digest.
///
/// Inputs are kept in memory for at most a second of the node's time, or 32 KiB, and written as one chunk with a checkpoint at
/// its end. So a program that is killed loses no more than that, and what is in the file is whole.
///
/// A file begins at a boot of the node and holds all of it, for only so it can be replayed: a node in the middle of its life
/// has no written form. When it is full it ends; the next boot begins the next file.
/// What a disk does not take ends it too, and does no other harm.
public final class Recorder {
    /// What becomes of the recording.
    public enum State: Equatable, Sendable {
        /// It goes on.
        case recording
        /// It is complete.
        case ended(RecordingEnd)
        /// The disk did not take more; what was written before can be replayed.
        case failed(SystemError)
    }

    /// The file while it is the newest.
    public let path: String
    /// Whether it goes on.
    public private(set) var state = State.recording
    /// Bytes in the file.
    public private(set) var bytes: Int
    /// Inputs taken.
    public private(set) var inputs = 0

    private let limit: Int
    private let node: UInt16
    private let seal: RecordingSeal
    private let file: SharedDescriptor
    private let deflater = Deflater()
    private var digest = OutputDigest()
    private var pending: [UInt8] = []
    private var pendingSince: Instant?
    private var last = Instant.zero
    private var chunks: UInt64 = 0

    private static let chunkBytes = 32_768
    private static let chunkMicroseconds: UInt64 = 1_000_000
    /// A record with all the lists of a stored state at their longest is shorter.
    private static let recordBytes = 2048
    /// Nobody but its owner may read a recording, which may hold keys.
    private static let mode: mode_t = 0o600

    /// Begins a file in place of the newest of a ring.
    ///
    /// - Parameters:
    ///   - header: what the node is made from.
    ///   - ring: where the file goes.
    ///   - limit: bytes of it at most.
    /// - Throws: ``SystemError`` if the file cannot be created.
    public init(_ header: RecordingHeader, in ring: FileRing, limit: Int) throws(SystemError) {
        let beginning: [UInt8]
        do throws(CodingError) {
            beginning = try header.encoded()
        } catch {
            preconditionFailure("a header has room for everything but long program names: \(error)")
        }
        path = ring.path()
        self.limit = limit
        node = header.identity.node.rawValue
        seal = RecordingSeal(keys: header.identity.keys, salt: header.salt)
        file = try ring.begin(mode: Self.mode, with: beginning)
        bytes = beginning.count
    }

    /// Takes an input that the node was given, and what it answered.
    ///
    /// - Parameters:
    ///   - input: the input.
    ///   - now: when it came.
    ///   - outputs: all outputs of this input, in order.
    public func take(_ input: Input, at now: Instant, outputs: some Sequence<Output>) {
        guard state == .recording else { return }
        if isDue(at: now) { write(end: nil) }
        if state == .recording, bytes + Self.fileBytes(of: pending.count + 2 * Self.recordBytes) > limit {
            end(.full)
        }
        guard state == .recording else { return }
        let before = digest
        for output in outputs { digest.add(output, node: node, at: now) }
        let check = digest == before ? nil : digest.check
        guard append(.input(RecordedInput(at: now, input: input, check: check))) else {
            digest = before
            return end(.inputTooLong)
        }
        pendingSince = pendingSince ?? now
        last = now
        inputs += 1
    }

    /// Completes the file; nothing is taken any more.
    public func end(_ end: RecordingEnd) {
        guard state == .recording else { return }
        write(end: end)
        if state == .recording { state = .ended(end) }
    }

    private func isDue(at now: Instant) -> Bool {
        guard let pendingSince else { return false }
        return pending.count >= Self.chunkBytes || now.microseconds(since: pendingSince) >= Self.chunkMicroseconds
    }

    private func append(_ record: Record) -> Bool {
        let encoded = try? InlineBytes<2048> { (writer) throws(CodingError) in
            try record.encode(into: &writer, after: last)
        }
        guard let encoded else { return false }
        pending += encoded.array
        return true
    }

    /// Writes what waits as one chunk, with a checkpoint behind it.
    private func write(end: RecordingEnd?) {
        _ = append(.checkpoint(digest.value))
        if let end { _ = append(.end(end)) }
        let sealed = seal.sealed(deflater.compressed(pending), chunk: chunks)
        let chunk = (0..<4).map { UInt8(truncatingIfNeeded: sealed.count >> ($0 * 8)) } + sealed
        pending.removeAll(keepingCapacity: true)
        pendingSince = nil
        chunks += 1
        do throws(SystemError) {
            try file.append(chunk, behind: bytes)
            bytes += chunk.count
        } catch {
            state = .failed(error)
        }
    }

    /// What so many bytes of records take in the file at most.
    private static func fileBytes(of count: Int) -> Int { 4 + Deflater.bound(count) + RecordingSeal.overhead }
}
