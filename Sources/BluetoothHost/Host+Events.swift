import BluetoothWire
import ByteCoding
import RadioPort

// Events of the controller.
extension Host {
    /// What is sent before the radio is ready, in order; answers to the optional ones are not looked at.
    static let setUp: [HCICommand] = [
        .reset,
        HCICommand(.readLocalVersion),
        HCICommand(.readAddress),
        // Disconnection, encryption change, hardware error, buffer overflow, key refresh, LE.
        .setEventMask(0x2000_8000_0200_8090),
        .writeLEHostSupport,
        // Connection, report, update, features, key request, parameter request, data length.
        .leSetEventMask(0x7F),
        HCICommand(.leReadLocalFeatures),
        HCICommand(.leReadBufferSize),
    ]

    mutating func handle(_ event: HCIEvent, _ now: Instant, _ outputs: inout [HostOutput]) {
        switch event {
        case .commandComplete(let credits, let opcode, let parameters):
            answered(opcode, credits, parameters.count > 0 ? parameters[0] : 0, parameters.array, now, &outputs)
        case .commandStatus(let status, let credits, let opcode):
            answered(opcode, credits, status, [status], now, &outputs)
        case .disconnectionComplete(_, let connection, _) where leaving != nil:
            leaving?.open.removeAll { $0 == connection }
        case .hardwareError(let code):
            fail(.hardware(code: code), status: .hardwareFailure, &outputs)
        default:
            guard phase == .ready else { return }
            handleWhileReady(event, now, &outputs)
        }
    }

    private mutating func answered(
        _ opcode: HCIOpcode,
        _ credits: UInt8,
        _ status: UInt8,
        _ parameters: [UInt8],
        _ now: Instant,
        _ outputs: inout [HostOutput]
    ) {
        commandCredits = Int(credits)
        guard let command = outstanding, command.opcode == opcode else { return }
        outstanding = nil
        if leaving != nil {
            // Refused: the controller knows no such link.
            if status != 0, let connection = Self.connection(of: command) {
                leaving?.open.removeAll { $0 == connection }
            }
        } else if phase == .settingUp {
            setUpAnswered(opcode, status, parameters, &outputs)
        } else {
            answered(command, status, parameters, now, &outputs)
        }
    }

    // MARK: - Set-up

    private mutating func setUpAnswered(
        _ opcode: HCIOpcode,
        _ status: UInt8,
        _ parameters: [UInt8],
        _ outputs: inout [HostOutput]
    ) {
        let isOptional = opcode == .writeLEHostSupport || opcode == .readLocalVersion
        guard status == 0 || isOptional else {
            fail(.refused(opcode: opcode.rawValue, status: status), status: HCIStatus(rawValue: status), &outputs)
            return
        }
        let values = parameters.dropFirst()
        switch opcode {
        case .readLocalVersion: controller = try? ControllerVersion(bytes: Array(values))
        case .readAddress where values.count >= 6: chooseAddress(Self.number(values.prefix(6)))
        case .leReadLocalFeatures where values.count >= 8:
            let features = Self.number(values.prefix(8))
            capabilities.linkEncryption = features & 1 != 0
            capabilities.dataLength = features & Self.dataLengthFeature != 0
            capabilities.extendedAdvertising = features & 1 << 12 != 0
            capabilities.mtuMax = configuration.mtuMax
        case .leReadBufferSize where values.count >= 3:
            leBuffer = (Int(Self.number(values.prefix(2))), Int(values[values.startIndex + 2]))
            // No buffers for LE alone: those for all links are shared (Core 5.4 Vol 4 Part E 7.8.2).
            if leBuffer?.size == 0 || leBuffer?.count == 0 { commands.append(HCICommand(.readBufferSize)) }
        case .readBufferSize where values.count >= 5:
            leBuffer = (Int(Self.number(values.prefix(2))), Int(Self.number(values.dropFirst(3).prefix(2))))
        default: break
        }
        if commands.isEmpty { becomeReady(&outputs) }
    }

    private mutating func chooseAddress(_ publicValue: UInt64) {
        if let random = configuration.randomAddress {
            address = Address(value: random, kind: .random)
            commands.append(.leSetRandomAddress(random))
        } else {
            address = Address(value: publicValue, kind: .public)
        }
    }

    private mutating func becomeReady(_ outputs: inout [HostOutput]) {
        guard let buffer = leBuffer, buffer.size > 0, buffer.count > 0 else {
            fail(.refused(opcode: HCIOpcode.leReadBufferSize.rawValue, status: 0), status: .commandDisallowed, &outputs)
            return
        }
        credits = PacketCredits(packetSize: buffer.size, count: buffer.count)
        phase = .ready
        outputs.append(
            .event(.ready(address: address, capabilities: capabilities, handles: AttributeDatabase.handles))
        )
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    // MARK: - Answers to commands

    private mutating func answered(
        _ command: HCICommand,
        _ status: UInt8,
        _ parameters: [UInt8],
        _ now: Instant,
        _ outputs: inout [HostOutput]
    ) {
        switch command.opcode {
        case .leCreateConnection: createAnswered(status, now, &outputs)
        case .leCreateConnectionCancel:
            if status != 0 { cancellationRefused(now) }
        case .readRSSI:
            guard status == 0, parameters.count >= 4, let index = self.index(of: command) else { return }
            outputs.append(.event(.linkRSSI(link: links[index].id, rssi: Int8(bitPattern: parameters[3]))))
        case .leEnableEncryption:
            guard status != 0, let index = self.index(of: command) else { return }
            outputs.append(.event(.encrypted(link: links[index].id, status: HCIStatus(rawValue: status))))
        case .disconnect:
            // The controller does not know the link (any more): then it is gone, whatever the owner thinks.
            guard status == 0x02, let index = self.index(of: command) else { return }
            remove(index, reason: .localHostTerminated, &outputs)
        default:
            airAnswered(command, status, now, &outputs)
        }
    }

    /// The link whose connection is the first parameter of a command.
    private func index(of command: HCICommand) -> Int? {
        Self.connection(of: command).flatMap { index(of: $0) }
    }

    private static func connection(of command: HCICommand) -> ConnectionHandle? {
        guard command.parameters.count >= 2 else { return nil }
        return ConnectionHandle(rawValue: UInt16(command.parameters[0]) | UInt16(command.parameters[1]) << 8)
    }

    func index(of connection: ConnectionHandle) -> Int? {
        links.firstIndex { $0.connection == connection }
    }

    // MARK: - Links

    private mutating func handleWhileReady(_ event: HCIEvent, _ now: Instant, _ outputs: inout [HostOutput]) {
        switch event {
        case .connectionComplete(let complete): connected(complete, now, &outputs)
        case .disconnectionComplete(0, let connection, let reason):
            guard let index = index(of: connection) else { return }
            remove(index, reason: HCIStatus(rawValue: reason), &outputs)
        case .encryptionChange(let status, let connection, let enabled):
            guard let index = index(of: connection) else { return }
            links[index].server.isEncrypted = status == 0 && enabled
            // Switched off by the peer: no key holds any more.
            let told = status == 0 && !enabled ? HCIStatus.authenticationFailure : HCIStatus(rawValue: status)
            outputs.append(.event(.encrypted(link: links[index].id, status: told)))
        case .packetsCompleted(let entries):
            for entry in entries {
                let count = credits.completed(entry.connection, Int(entry.count))
                guard count > 0, let index = index(of: entry.connection) else { continue }
                outputs.append(.event(.sent(link: links[index].id, count: UInt8(clamping: count))))
            }
        case .advertisingReports(let reports):
            for report in reports where report.type != 4 && report.address.type <= 1 {
                let kind: Address.Kind = report.address.type == 0 ? .public : .random
                outputs.append(
                    .event(
                        .advertisement(
                            address: Address(value: report.address.value, kind: kind),
                            rssi: report.rssi,
                            connectable: report.isConnectable,
                            data: report.data
                        )
                    )
                )
            }
        case .connectionUpdateComplete(0, let connection, let interval, let latency, let timeout):
            guard let index = index(of: connection) else { return }
            let parameters = ConnectionParameters(interval: interval, latency: latency, supervisionTimeout: timeout)
            outputs.append(.event(.parametersChanged(link: links[index].id, parameters: parameters)))
        case .remoteFeatures(0, let connection, let features):
            guard let index = index(of: connection) else { return }
            links[index].features = features
        case .longTermKeyRequest(let connection, _, _):
            guard let index = index(of: connection) else { return }
            outputs.append(.event(.keyRequested(link: links[index].id)))
        case .remoteParameterRequest(let connection, _, let interval, let latency, let timeout):
            guard let index = index(of: connection) else { return }
            links[index].parameterRequest = .controller
            let parameters = ConnectionParameters(interval: interval, latency: latency, supervisionTimeout: timeout)
            outputs.append(.event(.parametersRequested(link: links[index].id, parameters: parameters)))
        default: break
        }
    }

    private mutating func connected(_ complete: ConnectionComplete, _ now: Instant, _ outputs: inout [HostOutput]) {
        let current = attempt
        if complete.isCentral || complete.status != 0 { attempt = nil }
        guard complete.status == 0 else {
            guard let current else { return }
            let reason: HCIStatus = current.isTimedOut ? .connectionTimeout : HCIStatus(rawValue: complete.status)
            outputs.append(.event(.connectFailed(token: current.token, reason: reason)))
            lonelySince = now
            if current.isTimedOut { countFruitless(1, &outputs) }
            return
        }
        lonelySince = nil
        fruitlessAttempts = 0
        fruitlessResets = 0
        let peer = Address(value: complete.peer.value, kind: complete.peer.type & 1 == 0 ? .public : .random)
        // Two devices have one connection at a time: whoever comes anew has lost the one before, by a reset for instance, and a
        // controller without supervision time-outs would never say so. It is not told to end it, as RootCanal would end both.
        while let old = links.firstIndex(where: { $0.connection == complete.connection || $0.peer == peer }) {
            remove(old, reason: .connectionTimeout, &outputs)
        }
        lastLink += 1
        let role: LinkRole = complete.isCentral ? .central : .peripheral
        if role == .peripheral {
            // An incoming link ends advertising.
            advertising = nil
            advertisingOnAir.isEnabled = false
        }
        links.append(
            HostLink(
                id: LinkID(rawValue: lastLink),
                connection: complete.connection,
                role: role,
                peer: peer,
                server: AttributeServer(mtuMax: configuration.mtuMax),
                rssiAt: now
            )
        )
        credits.open(complete.connection)
        if role == .central { commands.append(.about(complete.connection, .leReadRemoteFeatures)) }
        outputs.append(
            .event(
                .connected(
                    token: role == .central ? current?.token ?? .incoming : .incoming,
                    link: LinkID(rawValue: lastLink),
                    role: role,
                    address: peer,
                    parameters: ConnectionParameters(
                        interval: complete.interval,
                        latency: complete.latency,
                        supervisionTimeout: complete.supervisionTimeout
                    )
                )
            )
        )
    }

    private mutating func remove(_ index: Int, reason: HCIStatus, _ outputs: inout [HostOutput]) {
        let link = links.remove(at: index)
        credits.close(link.connection)
        retryAt = nil
        outputs.append(.event(.disconnected(link: link.id, reason: reason)))
    }
}
