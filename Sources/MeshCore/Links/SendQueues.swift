import ByteCoding
import MeshWire
import RadioPort

/// How urgent a message is on a link (protocol §5.9).
enum SendPriority: Int {
    case vital
    case high
    case medium
    case low

    /// The priority of a message by its type.
    static func of(_ message: MessageBytes) -> SendPriority {
        switch MessageType(rawValue: message[0]) {
        case .clusterWelcome, .clusterAck1, .clusterAck2, .clusterInfoUpdate, .updateConnectionInterval, .data1Vital,
            .encryptCustomStart, .encryptCustomANonce, .encryptCustomSNonce, .encryptCustomDone, .deadData:
            message.count <= Limits.vitalBytes ? .vital : .high
        case .graftHello, .graftConcede, .graftUpdate, .graftRole, .graftRequest, .graftKnock, .graftReconnect:
            // None may overtake another; GRAFT_HELLO is the one that can be longer than a write.
            .vital
        case .moduleTriggerAction, .moduleActionResponse:
            message.count > 5 && message[5] == ModuleID.enrollment.rawValue ? .high : .medium
        case .assetLegacy, .assetGeneric: .low
        default: .medium
        }
    }
}

/// The four queues of a link and what the radio still holds of them (protocol §5.9).
///
/// Selection: the queue in the middle of a split message; VITAL; then HIGH, MEDIUM, LOW in order, each with a counter that
/// makes room for the next after two picks.
struct SendQueues: Sendable {
    /// A write that the radio has and has not confirmed.
    private struct InFlight {
        var queue: UInt8
        var endsMessage: Bool
    }

    private var queues: InlineArray<4, PacketQueue> = InlineArray(repeating: PacketQueue())
    /// One bit per queue that has something for the radio: looked at more often than there is.
    private var waiting: UInt8 = 0
    /// Chunks of each queue beyond the reserved one.
    private var chunks: InlineArray<4, UInt8> = InlineArray(repeating: 0)
    private var picks: InlineArray<4, UInt8> = InlineArray(repeating: 0)
    /// Queue whose message is partly out.
    private(set) var splitting: Int?
    private var commands: InlineArray<8, InFlight> = InlineArray(repeating: InFlight(queue: 0, endsMessage: false))
    private var firstCommand = 0
    private(set) var commandsInFlight = 0
    /// Queue of the write request that waits for its answer.
    private(set) var request: UInt8?
    /// VITAL messages not yet handed to the radio.
    private(set) var vitalWaiting = 0
    /// Send memory in chunks beyond the reserved ones.
    private(set) var sharedChunks = 0

    /// Whether everything has been handed to the radio.
    var isDrained: Bool { waiting == 0 }
    /// Bytes not yet confirmed by the radio.
    var byteCount: Int { (0..<4).reduce(0) { $0 + queues[$1].byteCount } }
    /// Messages not yet confirmed by the radio; counts them.
    var messageCount: Int { (0..<4).reduce(0) { $0 + queues[$1].messageCount } }
    /// Whether a VITAL message of a type was handed to the radio, whole or in part, and is not confirmed.
    func hasBegun(vital type: MessageType) -> Bool { queues[SendPriority.vital.rawValue].hasBegun(type) }
    /// Queues a message; `sharedChunksInUse` counts those of all links.
    ///
    /// - Returns: false if the queue was full and the message dropped.
    mutating func append(_ message: MessageBytes, sharedChunksInUse: Int) -> Bool {
        let index = SendPriority.of(message).rawValue
        let grown = queues[index].byteCount + message.count + 1
        if grown > Limits.queueChunkBytes, (grown - 1) % Limits.queueChunkBytes <= message.count {
            guard sharedChunksInUse < Limits.sharedQueueChunks, sharedChunks + 4 < Limits.linkQueueChunks else {
                return false
            }
        }
        queues[index].append(message)
        if index == SendPriority.vital.rawValue {
            vitalWaiting += 1
        }
        note(index)
        return true
    }

    /// One write, and what of its message it carries.
    struct NextWrite {
        /// How it is to be written.
        var kind: WriteKind
        /// Type of the message.
        var type: MessageType
        /// Whether it carries the beginning of the message.
        var begins: Bool
        /// Whether it carries the end.
        var ends: Bool
    }

    /// The next write of the link, if the radio may have another.
    ///
    /// - Parameters:
    ///   - payload: bytes of a write.
    ///   - asCommands: whether nothing may be written as request, which could overtake commands.
    ///   - value: the bytes.
    /// - Returns: what was taken; nil if there is nothing, or no room for it.
    mutating func takeNext(
        payload: Int,
        asCommands: Bool = false,
        into value: inout AttributeValue
    ) -> NextWrite? {
        guard let index = select(), let type = queues[index].nextType else { return nil }
        let kind = asCommands ? .command : Self.kind(of: type)
        let isSplit = queues[index].isSplitting
        if kind == .request, !isSplit {
            guard request == nil else { return nil }
        } else {
            guard commandsInFlight < Limits.commandsInFlight else { return nil }
        }
        guard let endsMessage = queues[index].takeNext(payload: payload, into: &value) else { return nil }
        note(index)
        splitting = endsMessage ? nil : index
        if endsMessage, index == SendPriority.vital.rawValue {
            vitalWaiting -= 1
        }
        if kind == .request, endsMessage, !isSplit {
            request = UInt8(index)
            return NextWrite(kind: .request, type: type, begins: true, ends: true)
        }
        let entry = InFlight(queue: UInt8(index), endsMessage: endsMessage)
        commands[(firstCommand + commandsInFlight) & 7] = entry
        commandsInFlight += 1
        return NextWrite(kind: .command, type: type, begins: !isSplit, ends: endsMessage)
    }

    /// A command went past the queues; its confirmation must not be taken for that of a queued message.
    mutating func countUnqueuedCommand() {
        guard commandsInFlight < 8 else { return }
        commands[(firstCommand + commandsInFlight) & 7] = InFlight(queue: 0, endsMessage: false)
        commandsInFlight += 1
    }

    /// The radio sent the oldest `count` commands; more than there were are ignored.
    mutating func commandsSent(_ count: Int) {
        for _ in 0..<min(count, commandsInFlight) {
            let entry = commands[firstCommand]
            firstCommand = (firstCommand + 1) & 7
            commandsInFlight -= 1
            if entry.endsMessage {
                queues[Int(entry.queue)].confirm()
                note(Int(entry.queue))
            }
        }
    }

    /// The peer answered the write request.
    mutating func requestConfirmed() {
        guard let index = request else { return }
        request = nil
        queues[Int(index)].confirm()
        note(Int(index))
    }

    /// The link is lost: everything unconfirmed is to be sent again, from the start of its message.
    mutating func rollBack() {
        for index in 0..<4 {
            queues[index].rollBack()
            note(index)
        }
        vitalWaiting = queues[SendPriority.vital.rawValue].messageCount
        splitting = nil
        commandsInFlight = 0
        firstCommand = 0
        request = nil
    }

    /// The link lives on but what it carried is lost: forgets every message that was begun, keeps the others.
    mutating func forgetBegun() {
        for index in 0..<4 {
            queues[index].forgetBegun()
            note(index)
        }
        vitalWaiting = queues[SendPriority.vital.rawValue].messageCount
        // The radio will still count what it has.
        for index in 0..<8 {
            commands[index].endsMessage = false
        }
        splitting = nil
        request = nil
    }

    /// A queue has changed.
    private mutating func note(_ index: Int) {
        let bit: UInt8 = 1 << UInt8(index)
        waiting = queues[index].isDrained ? waiting & ~bit : waiting | bit
        let count = queues[index].sharedChunks
        sharedChunks += count - Int(chunks[index])
        chunks[index] = UInt8(count)
    }

    private func isWaiting(_ index: Int) -> Bool { waiting >> UInt8(index) & 1 == 1 }

    private mutating func select() -> Int? {
        guard waiting != 0 else { return nil }
        if let splitting { return splitting }
        // A VITAL request that must wait for the one outstanding lets the other queues pass.
        if isWaiting(0), let type = queues[0].nextType, request == nil || Self.kind(of: type) == .command { return 0 }
        for index in 1..<4 where isWaiting(index) {
            picks[index] += 1
            if picks[index] <= 2 { return index }
            picks[index] = 0
        }
        // Every non-empty queue had its turn: the first of them begins again.
        for index in 1..<4 where isWaiting(index) {
            picks[index] = 1
            return index
        }
        return nil
    }

    private static func kind(of type: MessageType) -> WriteKind {
        switch type {
        case .clusterWelcome, .clusterAck1, .clusterAck2: .request
        default: .command
        }
    }
}
