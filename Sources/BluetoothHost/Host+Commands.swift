import BluetoothWire
import ByteCoding
import RadioPort

// Commands of the owner.
extension Host {
    mutating func take(_ command: RadioCommand, _ now: Instant, _ outputs: inout [HostOutput]) {
        switch command {
        case .advertise(let data, let scanResponse, let connectable, let interval):
            advertising = Advertising(
                data: data,
                scanResponse: scanResponse,
                connectable: connectable,
                interval: Self.units(interval, 0x20...0x4000)
            )
        case .stopAdvertising: advertising = nil
        case .scan(let timing): scan = timing
        case .stopScan: scan = nil
        case .connect(let token, let address, let parameters, let timing, let timeout):
            guard attempt == nil else {
                outputs.append(.event(.connectFailed(token: token, reason: .commandDisallowed)))
                return
            }
            scan = nil
            attempt = Attempt(
                token: token,
                address: address,
                parameters: parameters,
                scan: timing,
                deadline: now.advanced(byMicroseconds: UInt64(timeout))
            )
        case .cancelConnect: giveUpAttempt(now, &outputs)
        default:
            takeForLink(command)
        }
    }

    /// Bit of LE Data Packet Length Extension (Core 5.4 Vol 6 Part B 4.6).
    static let dataLengthFeature: UInt64 = 1 << 5

    private mutating func takeForLink(_ command: RadioCommand) {
        guard let link = command.link, let index = links.firstIndex(where: { $0.id == link }) else {
            counters.refusedCommands += 1
            return
        }
        let connection = links[index].connection
        switch command {
        case .encrypt(_, let key): commands.append(.leEnableEncryption(connection, key: InlineBytes(key.bytes)))
        case .answerKey(_, let key?): commands.append(.leLongTermKeyReply(connection, key: InlineBytes(key.bytes)))
        case .answerKey(_, nil): commands.append(.about(connection, .leLongTermKeyNegativeReply))
        case .setDataLength:
            let peerHasIt = links[index].features.map { $0 & Self.dataLengthFeature != 0 } ?? true
            // Bytes and microseconds of the longest packet on 1M.
            if capabilities.dataLength, peerHasIt {
                commands.append(.leSetDataLength(connection, bytes: 251, time: 2120))
            }
        case .exchangeMTU(_, let mtu): ask(.exchangeMTU(min(mtu, configuration.mtuMax)), on: index)
        case .discover(_, let service): ask(.discover(service, .service), on: index)
        case .write(_, let handle, let value, .request):
            ask(.write(handle: handle.rawValue, value: ATTPacket.Value(value.array)), on: index)
        case .write(_, let handle, let value, .command):
            let packet = ATTPacket.writeCommand(handle: handle.rawValue, value: ATTPacket.Value(value.array))
            send(packet, on: index, isReported: true)
        case .notify(_, let handle, let value):
            let packet = ATTPacket.notification(handle: handle.rawValue, value: ATTPacket.Value(value.array))
            send(packet, on: index, isReported: true)
        case .updateParameters(_, let parameters): update(parameters, on: index)
        case .disconnect(_, let reason): commands.append(.disconnect(connection, reason: reason.rawValue))
        default: counters.refusedCommands += 1
        }
    }

    private mutating func ask(_ request: AttributeClient.Request, on index: Int) {
        if !links[index].client.append(request) { counters.queueOverflows += 1 }
    }

    private mutating func update(_ parameters: ConnectionParameters, on index: Int) {
        let connection = links[index].connection
        let request = links[index].parameterRequest
        links[index].parameterRequest = nil
        if request == .controller {
            commands.append(
                .leRemoteParameterReply(
                    connection,
                    interval: parameters.interval,
                    latency: parameters.latency,
                    supervisionTimeout: parameters.supervisionTimeout
                )
            )
            return
        }
        guard links[index].role == .central else {
            // A peripheral asks the central's host.
            let content = SignallingPacket.Content.parameterUpdateRequest(
                intervalMin: parameters.interval,
                intervalMax: parameters.interval,
                latency: parameters.latency,
                supervisionTimeout: parameters.supervisionTimeout
            )
            signal(SignallingPacket(identifier: 1, content), on: index)
            return
        }
        if case .signalling(let identifier) = request {
            signal(SignallingPacket(identifier: identifier, .parameterUpdateResponse(0)), on: index)
        }
        commands.append(
            .leConnectionUpdate(
                connection,
                interval: parameters.interval,
                latency: parameters.latency,
                supervisionTimeout: parameters.supervisionTimeout
            )
        )
    }

    // MARK: - Sending

    mutating func send(_ packet: ATTPacket, on index: Int, isReported: Bool) {
        guard let bytes = try? packet.encoded(as: InlineBytes<515>.self).array else { return }
        guard bytes.count <= Int(links[index].server.mtu) else {
            counters.refusedCommands += 1
            return
        }
        send(bytes, to: L2CAPChannel.attributes, on: index, isReported: isReported)
    }

    mutating func signal(_ packet: SignallingPacket, on index: Int) {
        guard let bytes = try? packet.encoded(as: InlineBytes<70>.self).array else { return }
        send(bytes, to: L2CAPChannel.signalling, on: index, isReported: false)
    }

    mutating func send(_ bytes: [UInt8], to channel: UInt16, on index: Int, isReported: Bool) {
        if !credits.append(bytes, to: channel, over: links[index].connection, isReported: isReported) {
            counters.queueOverflows += 1
        }
    }
}

extension RadioCommand {
    /// The link that a command is about, if it is about one.
    fileprivate var link: LinkID? {
        switch self {
        case .encrypt(let link, _), .answerKey(let link, _), .exchangeMTU(let link, _), .setDataLength(let link),
            .discover(let link, _), .write(let link, _, _, _), .notify(let link, _, _), .updateParameters(let link, _),
            .disconnect(let link, _):
            link
        case .advertise, .stopAdvertising, .scan, .stopScan, .connect, .cancelConnect: nil
        }
    }
}
