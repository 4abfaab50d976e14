import ByteCoding
import MeshWire

/// The receiving end of transfers (protocol §10.3), without input and output.
///
/// It answers START, collects chunks in any order, reports up to three missing ones when it is asked, and of senders that never
/// ask, behind the last chunk and behind the last one that it asked for. The report that nothing is missing is given when the
/// content was checked and whoever wants it has it: see ``settle(_:_:)``.
///
/// A transfer whose sender falls silent is kept for a while, and is taken up where it ended when the same content is announced
/// again. Of files sent by others than Thicket nothing is known but the chunks.
struct TransferInbox {
    /// Names a transfer.
    struct Key: Hashable {
        var sender: NodeID
        var handle: UInt8
    }

    /// A content that arrived.
    struct Arrival: Equatable {
        var key: Key
        /// What it is; nil if the sender is not Thicket.
        var note: TransferNote?
        var content: [UInt8]
    }

    /// What is to be done.
    enum Event: Equatable {
        /// Send this.
        case reply(RawData.Content, Key)
        /// Give the content to whoever wants it, then call ``settle(_:_:)``.
        case arrived(Arrival)
        /// A transfer begins, or goes on with so many of its chunks.
        case began(Key, TransferNote?, held: UInt32, of: UInt32)
        /// A transfer came to no end.
        case failed(Key, TransferNote?, RawDataError)
    }

    /// Silence after which a sender is gone, in microseconds: three times its own patience (protocol §10.3).
    static let patience: UInt64 = 45_000_000
    /// How long a finished transfer is remembered, for senders that have not heard of it, in microseconds.
    static let finishedKept: UInt64 = 60_000_000
    /// How long an interrupted transfer is kept, in microseconds.
    static let interruptedKept: UInt64 = 600_000_000

    private enum Phase: Equatable {
        case receiving
        case interrupted
        /// Somebody is given the content.
        case arrived
        case finished

        /// Whether chunks are still missing.
        var isOpen: Bool { self == .receiving || self == .interrupted }
        /// Whether nothing is expected of the sender.
        var isResting: Bool { self == .finished || self == .interrupted }
    }

    private struct Transfer {
        var key: Key
        let start: RawDataStart
        let note: TransferNote?
        var phase = Phase.receiving
        var heardAt: UInt64
        var chunks: [[UInt8]?]
        var heldBytes = 0
        /// Index of the first chunk that is missing.
        var firstMissing = 0
        /// The last chunk that a report listed.
        var lastListed: UInt32 = 0
        /// Whether the sender asks for reports, and so gets none unasked.
        var asks = false
    }

    /// Whether files are wanted; messages always are.
    private let takesFiles: Bool
    /// In the order they began.
    private var transfers: [Transfer] = []

    init(takesFiles: Bool) { self.takesFiles = takesFiles }

    // MARK: - Receiving

    /// Takes a message of a sender.
    mutating func take(_ message: RawData, at now: UInt64) -> [Event] {
        let key = Key(sender: message.sender, handle: message.requestHandle)
        if case .start(let start) = message.content { return begin(start, key, now) }
        guard let index = transfers.firstIndex(where: { $0.key == key }) else {
            guard message.content == .reportDesired else { return [] }
            return [.reply(.error(.notInTransmission, destination: 1), key)]
        }
        transfers[index].heardAt = now
        switch message.content {
        case .chunk(let chunk): return take(chunk, index)
        case .reportDesired:
            transfers[index].asks = true
            return resume(index) + report(index)
        case .error(let error, let destination):
            guard destination != 1, transfers[index].phase == .receiving else { return [] }
            transfers[index].phase = .interrupted
            return [.failed(key, transfers[index].note, error)]
        case .start, .startReceived, .report, .unknown: return []
        }
    }

    private mutating func begin(_ start: RawDataStart, _ key: Key, _ now: UInt64) -> [Event] {
        let note = start.dataProtocol == TransferNote.dataProtocol ? TransferNote(metadata: start.metadata) : nil
        let known = transfers.firstIndex {
            // A finished one is only the same if its sender has not heard that it is.
            $0.key.sender == key.sender && $0.start == start && ($0.key == key || note != nil && $0.phase.isOpen)
        }
        if let known {
            transfers[known].key = key
            transfers[known].heardAt = now
            if transfers[known].phase == .interrupted { transfers[known].phase = .receiving }
            return accepted(known)
        }
        if let refusal = refusal(of: start, note) {
            return [.reply(.error(refusal, destination: 1), key), .failed(key, note, refusal)]
        }
        // Whoever uses a handle anew has forgotten what it was used for.
        transfers.removeAll { $0.key == key }
        guard makeRoom() else { return [.reply(.error(.busy, destination: 1), key), .failed(key, note, .busy)] }
        let chunks = [[UInt8]?](repeating: nil, count: Int(start.numChunks))
        transfers.append(Transfer(key: key, start: start, note: note, heardAt: now, chunks: chunks))
        let index = transfers.count - 1
        return accepted(index) + finishIfWhole(index)
    }

    private func accepted(_ index: Int) -> [Event] {
        let transfer = transfers[index]
        let held = UInt32(transfer.firstMissing)
        let bytes = held == 0 ? [] : (0..<3).map { UInt8(truncatingIfNeeded: held >> ($0 * 8)) }
        return [
            .reply(.startReceived(InlineBytes(bytes)), transfer.key),
            .began(transfer.key, transfer.note, held: held, of: transfer.start.numChunks),
        ]
    }

    private func refusal(of start: RawDataStart, _ note: TransferNote?) -> RawDataError? {
        if note?.name.isEmpty == false, !takesFiles { return .notWanted }
        let isShort = start.numChunks <= TransferLimits.chunks && Int(note?.size ?? 0) <= TransferLimits.bytes
        return isShort ? nil : .tooLong
    }

    /// Forgets the transfer that rests longest if there are too many; false if all are under way.
    private mutating func makeRoom() -> Bool {
        guard transfers.count >= TransferLimits.transfers else { return true }
        let resting = transfers.indices.filter { transfers[$0].phase.isResting }
        guard let oldest = resting.min(by: { transfers[$0].heardAt < transfers[$1].heardAt }) else { return false }
        transfers.remove(at: oldest)
        return true
    }

    private mutating func take(_ chunk: RawDataChunk, _ index: Int) -> [Event] {
        let place = Int(chunk.chunkID) - 1
        var events = resume(index)
        guard transfers[index].phase == .receiving, transfers[index].chunks.indices.contains(place) else {
            return events
        }
        if transfers[index].chunks[place] == nil {
            transfers[index].chunks[place] = chunk.data.array
            transfers[index].heldBytes += chunk.data.count
            guard transfers[index].heldBytes <= TransferLimits.bytes else { return events + fail(index, .tooLong) }
            while transfers[index].firstMissing < transfers[index].chunks.count,
                transfers[index].chunks[transfers[index].firstMissing] != nil
            {
                transfers[index].firstMissing += 1
            }
        }
        events += finishIfWhole(index)
        guard transfers.indices.contains(index), transfers[index].phase == .receiving, !transfers[index].asks else {
            return events
        }
        let isLast = chunk.chunkID == transfers[index].start.numChunks || chunk.chunkID == transfers[index].lastListed
        return isLast ? events + report(index) : events
    }

    /// A sender that was thought gone is there.
    private mutating func resume(_ index: Int) -> [Event] {
        guard transfers[index].phase == .interrupted else { return [] }
        transfers[index].phase = .receiving
        let transfer = transfers[index]
        return [
            .began(transfer.key, transfer.note, held: UInt32(transfer.firstMissing), of: transfer.start.numChunks)
        ]
    }

    private mutating func finishIfWhole(_ index: Int) -> [Event] {
        guard transfers[index].firstMissing == transfers[index].chunks.count else { return [] }
        let transfer = transfers[index]
        let content = transfer.chunks.flatMap { $0 ?? [] }
        guard transfer.note?.fits(content) != false else { return fail(index, .checksum) }
        transfers[index].phase = .arrived
        transfers[index].chunks = []
        return [.arrived(Arrival(key: transfer.key, note: transfer.note, content: content))]
    }

    private mutating func fail(_ index: Int, _ error: RawDataError) -> [Event] {
        let transfer = transfers.remove(at: index)
        return [.reply(.error(error, destination: 1), transfer.key), .failed(transfer.key, transfer.note, error)]
    }

    private mutating func report(_ index: Int) -> [Event] {
        let transfer = transfers[index]
        guard transfer.phase == .receiving || transfer.phase == .finished else { return [] }
        var missing: [UInt32] = []
        var place = transfer.firstMissing
        while place < transfer.chunks.count, missing.count < 3 {
            if transfer.chunks[place] == nil { missing.append(UInt32(place + 1)) }
            place += 1
        }
        if let last = missing.last { transfers[index].lastListed = last }
        let padding = [UInt32](repeating: 0, count: 3 - missing.count)
        return [.reply(.report(PackedList(missing + padding)), transfer.key)]
    }

    // MARK: - Ending

    /// Tells what became of a content that arrived.
    ///
    /// - Parameters:
    ///   - key: its transfer.
    ///   - error: why nobody could take it; nil if somebody has.
    /// - Returns: what the sender is to be told.
    mutating func settle(_ key: Key, _ error: RawDataError? = nil) -> [Event] {
        guard let index = transfers.firstIndex(where: { $0.key == key && $0.phase == .arrived }) else { return [] }
        if let error { return fail(index, error) }
        transfers[index].phase = .finished
        transfers[index].firstMissing = 0
        return report(index)
    }

    /// Gives up on senders that are silent, and forgets what has rested long enough.
    mutating func expire(at now: UInt64) -> [Event] {
        var events: [Event] = []
        for index in transfers.indices where transfers[index].phase == .receiving {
            guard now - transfers[index].heardAt >= Self.patience else { continue }
            transfers[index].phase = .interrupted
            events.append(.reply(.error(.unexpectedEnd, destination: 1), transfers[index].key))
            events.append(.failed(transfers[index].key, transfers[index].note, .unexpectedEnd))
        }
        transfers.removeAll { transfer in
            switch transfer.phase {
            case .receiving, .arrived: false
            case .interrupted: now - transfer.heardAt >= Self.interruptedKept
            case .finished: now - transfer.heardAt >= Self.finishedKept
            }
        }
        return events
    }

    /// Transfers that are kept, in whatever state.
    var count: Int { transfers.count }
}
