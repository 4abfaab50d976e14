import BluetoothWire
import ByteCoding
import RadioPort

// Data of links: L2CAP frames, and what they carry.
extension Host {
    mutating func receiveData(_ packet: [UInt8], _ now: Instant, _ outputs: inout [HostOutput]) {
        guard let header = try? ACLHeader(bytes: Array(packet.dropFirst())), Int(header.length) == packet.count - 5
        else {
            counters.malformedPackets += 1
            return
        }
        guard let index = index(of: header.connection) else {
            counters.droppedFrames += 1
            return
        }
        switch links[index].reassembler.accept(packet[5...], isContinuation: header.isContinuation) {
        case .incomplete: return
        case .dropped: counters.droppedFrames += 1
        case .frame(L2CAPChannel.attributes, let payload): receiveATT(payload, on: index, &outputs)
        case .frame(L2CAPChannel.signalling, let payload): receiveSignal(payload, on: index, &outputs)
        case .frame(L2CAPChannel.security, let payload): refusePairing(payload, on: index)
        case .frame: counters.droppedFrames += 1
        }
    }

    // MARK: - Attributes

    private mutating func receiveATT(_ payload: [UInt8], on index: Int, _ outputs: inout [HostOutput]) {
        guard let opcode = payload.first, payload.count <= Int(links[index].server.mtu) else {
            counters.droppedAttributePackets += 1
            return
        }
        // Answers and what the server tells unasked are odd numbers; the confirmation is for indications, never sent here.
        let isForClient = opcode & 1 == 1 && opcode & 0x40 == 0
        guard isForClient else {
            receiveAsServer(payload, on: index, &outputs)
            return
        }
        guard let packet = try? ATTPacket(bytes: payload) else {
            counters.droppedAttributePackets += 1
            return
        }
        receiveAsClient(packet, on: index, &outputs)
    }

    private mutating func receiveAsServer(_ payload: [UInt8], on index: Int, _ outputs: inout [HostOutput]) {
        let reaction = links[index].server.receive(payload)
        let link = links[index].id
        if let reply = reaction.reply { send(reply, on: index, isReported: false) }
        if let mtu = reaction.mtu { outputs.append(.event(.mtu(link: link, value: mtu))) }
        if let write = reaction.write {
            guard write.value.count <= AttributeValue.capacity else {
                counters.droppedAttributePackets += 1
                return
            }
            outputs.append(
                .event(
                    .written(
                        link: link,
                        handle: AttributeHandle(rawValue: write.handle),
                        value: AttributeValue(write.value.array),
                        kind: write.isRequest ? .request : .command
                    )
                )
            )
        } else if reaction.reply == nil {
            counters.droppedAttributePackets += 1
        }
    }

    private mutating func receiveAsClient(_ packet: ATTPacket, on index: Int, _ outputs: inout [HostOutput]) {
        let link = links[index].id
        switch packet {
        case .notification(let handle, let value), .indication(let handle, let value):
            if case .indication = packet { send(.confirmation, on: index, isReported: false) }
            guard value.count <= AttributeValue.capacity else {
                counters.droppedAttributePackets += 1
                return
            }
            let value = AttributeValue(value.array)
            outputs.append(.event(.notified(link: link, handle: AttributeHandle(rawValue: handle), value: value)))
        default:
            switch links[index].client.receive(packet, ownMTU: configuration.mtuMax) {
            case nil: counters.droppedAttributePackets += 1
            case .nothing: return
            case .mtu(let mtu):
                links[index].server.mtu = mtu
                outputs.append(.event(.mtu(link: link, value: mtu)))
            case .written: outputs.append(.event(.writeConfirmed(link: link)))
            case .writeRefused(let code):
                // Who does not take a write is no node: leave it.
                outputs.append(.notice(RadioNotice(.warning, "link \(link.rawValue): write refused, code \(code)")))
                commands.append(.disconnect(links[index].connection, reason: HCIStatus.remoteUserTerminated.rawValue))
            case .discovered(let service, let handles):
                outputs.append(.event(.discovered(link: link, service: service, handles: handles)))
            }
        }
    }

    // MARK: - Signalling and security

    private mutating func receiveSignal(_ payload: [UInt8], on index: Int, _ outputs: inout [HostOutput]) {
        guard let packet = try? SignallingPacket(bytes: payload), packet.identifier != 0 else {
            counters.droppedFrames += 1
            return
        }
        switch packet.content {
        case .parameterUpdateRequest(let least, let most, let latency, let timeout):
            // Only a central may be asked, and only for what the link layer knows (Core 5.4 Vol 3 Part A 4.20).
            let isValid =
                (6...3200).contains(least) && (least...3200).contains(most) && latency < 500
                && (10...3200).contains(timeout)
            guard links[index].role == .central, isValid else {
                signal(SignallingPacket(identifier: packet.identifier, .parameterUpdateResponse(1)), on: index)
                return
            }
            links[index].parameterRequest = .signalling(identifier: packet.identifier)
            let parameters = ConnectionParameters(interval: most, latency: latency, supervisionTimeout: timeout)
            outputs.append(.event(.parametersRequested(link: links[index].id, parameters: parameters)))
        case .parameterUpdateResponse, .commandReject: return
        case .other:
            signal(SignallingPacket(identifier: packet.identifier, .commandReject(reason: 0)), on: index)
        }
    }

    /// Pairing is not offered (protocol §6.1): Pairing Failed with "pairing not supported" (Core 5.4 Vol 3 Part H 3.5.5).
    private mutating func refusePairing(_ payload: [UInt8], on index: Int) {
        // Answering a refusal would go on for ever.
        guard let code = payload.first, code != 0x05 else { return }
        send([0x05, 0x05], to: L2CAPChannel.security, on: index, isReported: false)
    }
}
