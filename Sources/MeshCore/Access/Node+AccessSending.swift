import ByteCoding
import MeshWire
import RadioPort

// What goes out over MeshAccess links (protocol §5.8, §6.6, §6.10, §8.6).
extension Node {
    /// Writes a packet past the queues, as handshakes do.
    mutating func transmit(_ packet: AttributeValue, on index: Int, into outputs: inout Outputs) {
        links[index].queues.countUnqueuedCommand()
        write(packet, on: index, into: &outputs)
    }

    /// Seals queued messages, piece by piece, and hands them to the radio while it takes them.
    mutating func pumpAccessLink(_ index: Int, into outputs: inout Outputs) {
        guard links[index].state == .handshakeDone, !links[index].queues.isDrained,
            var channel = links[index].access?.channel
        else { return }
        var piece = AttributeValue()
        while links[index].queues.takeNext(payload: Int(links[index].payload), into: &piece) != nil {
            guard let packet = channel.seal(piece, cipher: cipher) else { break }
            write(packet, on: index, into: &outputs)
        }
        links[index].access?.channel = channel
    }

    private mutating func write(_ packet: AttributeValue, on index: Int, into outputs: inout Outputs) {
        guard let handles = radio?.handles else { return }
        let link = links[index].id
        links[index].statistics.sentUnreliable &+= 1
        switch links[index].role {
        case .central:
            let handle = links[index].partnerHandle
            outputs.append(.radio(.write(link: link, handle: handle, value: packet, kind: .command)))
        case .peripheral:
            outputs.append(.radio(.notify(link: link, handle: handles.accessTransmit, value: packet)))
        }
    }

    // MARK: - What every partner is told

    /// Tells the partner how the cluster is now, if that is news.
    mutating func tellCluster(on index: Int, into outputs: inout Outputs) {
        guard links[index].state == .handshakeDone else { return }
        let update = ClusterInfoUpdate(
            sender: identity.node,
            sizeChange: clusterSize,
            hopsToSink: hopsToSink(excluding: nil),
            masterBitHandover: holdsAllMasterBits,
            counter: 0
        )
        guard links[index].access?.toldCluster != update else { return }
        links[index].access?.toldCluster = update
        sendToAccessLink(index, update, into: &outputs)
    }

    private var holdsAllMasterBits: Bool {
        for index in links.indices where links.isMeshEdge(index) && !links[index].masterBit {
            return false
        }
        return true
    }

    /// Offers the time to a partner that may have none.
    mutating func tellTime(on index: Int, now: Instant, into outputs: inout Outputs) {
        guard clock.isCorrected, let partner = links[index].access?.addressing?.virtual else { return }
        let time = clock.time(at: ticks(at: now))
        let message = TimeSync(sender: identity.node, receiver: partner, phase: .interNetwork(time))
        sendToAccessLink(index, message, into: &outputs)
    }
}
