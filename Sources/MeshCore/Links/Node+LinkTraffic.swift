import ByteCoding
import MeshWire
import RadioPort

// What links carry: frames put together into messages, messages handed to the radio (protocol §5.6, §5.8).
extension Node {
    // MARK: - Receiving

    mutating func written(
        link: LinkID,
        handle: AttributeHandle,
        value: AttributeValue,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard let index = index(of: link), let handles = radio?.handles else { return }
        if links[index].kind == .resolver {
            guard resolve(index, handle: handle, now: now, into: &outputs) else { return }
        }
        switch links[index].kind {
        case .mesh:
            guard handle == handles.meshValue else { return }
            if links[index].encryption == .encrypted, !links[index].isProtectedByNode {
                receive(value, on: index, now: now, into: &outputs)
            } else {
                receiveProtected(value, on: index, now: now, into: &outputs)
            }
        case .access:
            accessWritten(index, handle: handle, value: value, now: now, into: &outputs)
        case .resolver:
            return
        }
    }

    /// The first write tells what an incoming link is for (protocol §3.2).
    private mutating func resolve(
        _ index: Int,
        handle: AttributeHandle,
        now: Instant,
        into outputs: inout Outputs
    ) -> Bool {
        guard let handles = radio?.handles else { return false }
        switch handle {
        case handles.meshValue:
            guard meshes, acceptsMeshLink else {
                remove(slot: links[index].slot, reason: .noSpot, now: now, into: &outputs)
                return false
            }
            links[index].kind = .mesh
            links[index].state = .connected
            markJoinMeStale()
            return true
        case handles.accessReceive, handles.accessConfiguration:
            acceptAccessLink(index)
            return true
        default:
            return false
        }
    }

    /// Puts pieces together and hands whole messages on.
    mutating func receive(
        _ value: AttributeValue,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) {
        // Most writes are; what is put together is large to hand around.
        if Reassembler.isWhole(value) {
            receive(value.withBytes { MessageBytes(prefixOf: $0) }, on: index, now: now, into: &outputs)
            return
        }
        switch links[index].reassembler.accept(value, payloadSize: Int(links[index].payload)) {
        case .message(let message):
            receive(message, on: index, now: now, into: &outputs)
        case .incomplete, .ignored:
            return
        case .dropped(let fault):
            splitDropped(fault, on: index, now: now, into: &outputs)
        }
    }

    /// A piece broke the rules: the message is lost.
    mutating func splitDropped(
        _ fault: Reassembler.Fault,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) {
        trace(.splitDropped(link: links[index].id), into: &outputs)
        switch fault {
        case .missingPiece:
            status.log(.splitMissing, extra: UInt32(links[index].partner.rawValue), at: deciseconds(at: now))
        case .notFullSize:
            status.log(.splitNotFullSize, extra: UInt32(links[index].partner.rawValue), at: deciseconds(at: now))
        case .tooLong, .tooShort: return
        }
    }

    private mutating func receive(
        _ message: MessageBytes,
        on index: Int,
        now: Instant,
        into outputs: inout Outputs
    ) {
        guard let header = try? MessageHeader(bytes: message) else {
            trace(
                .malformed(link: links[index].id, type: MessageType(rawValue: message.isEmpty ? 0 : message[0])),
                into: &outputs
            )
            return
        }
        guard links[index].state == .handshakeDone else {
            receiveDuringHandshake(message, header: header, on: index, now: now, into: &outputs)
            return
        }
        let slot = links[index].slot
        if !staysOnLink(header.type) {
            forward(message, header: header, from: slot, into: &outputs)
        }
        guard !receiveForClustering(message, header: header, on: index, now: now, into: &outputs) else { return }
        dispatch(message, header: header, from: slot, now: now, into: &outputs)
    }

    // MARK: - Sending

    /// Hands queued messages to the radio while it takes them; true if a handshake was completed by that.
    mutating func pump(_ index: Int, now: Instant, into outputs: inout Outputs) -> Bool {
        guard links[index].kind == .mesh else {
            if links[index].kind == .access {
                pumpAccessLink(index, into: &outputs)
            }
            return false
        }
        switch links[index].state {
        case .connected, .handshaking, .handshakeDone: break
        default: return false
        }
        // Nothing but the key handshake goes out in clear.
        guard links[index].encryption == .encrypted else { return false }
        let isSealed = links[index].isProtectedByNode
        var value = AttributeValue()
        while let next = links[index].queues.takeNext(
            payload: Int(links[index].payload),
            asCommands: isSealed,
            into: &value
        ) {
            if next.begins {
                let offset = next.ends ? 0 : SplitFragment.headerSize
                links[index].timeSync.writes(initial: next.type == .timeSync && TimeSync.isInitial(value, in: offset))
            }
            write(value, next.kind, on: index, into: &outputs)
            if next.kind == .request {
                links[index].statistics.sentReliable &+= 1
                links[index].requestSentAt = deciseconds(at: now)
                watchLinks(now: now)
            } else {
                links[index].statistics.sentUnreliable &+= 1
            }
            guard next.ends else { continue }
            links[index].timeSync.wrote(unsentWrites: links[index].queues.commandsInFlight)
            if wroteForClustering(next.type, on: index, now: now, into: &outputs) { return true }
        }
        return false
    }

    /// Writes to the mesh attribute of the partner, sealed where the node protects the link itself.
    mutating func write(_ value: AttributeValue, _ kind: WriteKind, on index: Int, into outputs: inout Outputs) {
        var value = value
        if links[index].isProtectedByNode {
            guard let sealed = links[index].protection?.channel.seal(value, cipher: cipher) else { return }
            value = sealed
        }
        outputs.append(
            .radio(.write(link: links[index].id, handle: links[index].partnerHandle, value: value, kind: kind))
        )
    }

    /// Queues a message on a link; a full queue drops it.
    mutating func enqueue(_ message: MessageBytes, on index: Int, into outputs: inout Outputs) {
        var shared = 0
        for other in links.indices {
            shared += links[other].queues.sharedChunks
        }
        needsSettling = true
        if !links[index].queues.append(message, sharedChunksInUse: shared) {
            links[index].statistics.dropped &+= 1
            trace(
                .queueFull(partner: links[index].partner, type: MessageType(rawValue: message[0])),
                into: &outputs
            )
        }
    }
}
