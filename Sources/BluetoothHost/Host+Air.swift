import BluetoothWire
import ByteCoding
import RadioPort

// From what is wanted of the air to what is on it, one command at a time.
extension Host {
    /// The next command that brings advertising, scanning or the connect attempt closer to what is wanted; nil if they agree.
    func nextStepOnAir() -> HCICommand? {
        guard retryAt == nil else { return nil }
        let isConnecting = attempt.map { $0.state != .cancelling } ?? false
        // A connect attempt ends the scan, and advertising too where the controller cannot do both.
        let wanted = isConnecting && connectExcludesAdvertising ? nil : advertising
        if advertisingOnAir.isEnabled, wanted == nil || parametersDiffer(wanted) {
            return .leSetAdvertisingEnable(false)
        }
        let parameters = attempt == nil ? scan.map(scanParameters) : nil
        if isScanning, scanParametersOnAir != parameters { return .leSetScanEnable(false) }
        if let attempt, attempt.state == .waiting { return create(attempt) }
        if let wanted, let step = advertisingStep(wanted) { return step }
        guard let parameters, !isScanning else { return nil }
        return scanParametersOnAir == parameters ? .leSetScanEnable(true) : parameters
    }

    private func scanParameters(_ scan: ScanTiming) -> HCICommand {
        .leSetScanParameters(
            interval: Self.units(scan.intervalMicroseconds, 4...0x4000),
            window: Self.units(scan.windowMicroseconds, 4...0x4000),
            ownAddressType: address.kind.rawValue
        )
    }

    private func parametersDiffer(_ wanted: Advertising?) -> Bool {
        guard let wanted else { return false }
        return advertisingOnAir.interval != wanted.interval || advertisingOnAir.connectable != wanted.connectable
    }

    private func advertisingStep(_ wanted: Advertising) -> HCICommand? {
        if parametersDiffer(wanted) {
            return .leSetAdvertisingParameters(
                interval: wanted.interval,
                connectable: wanted.connectable,
                ownAddressType: address.kind.rawValue
            )
        }
        if advertisingOnAir.data != wanted.data { return .leSetAdvertisingData(wanted.data) }
        if advertisingOnAir.scanResponse != wanted.scanResponse { return .leSetScanResponseData(wanted.scanResponse) }
        return advertisingOnAir.isEnabled ? nil : .leSetAdvertisingEnable(true)
    }

    private func create(_ attempt: Attempt) -> HCICommand {
        .leCreateConnection(
            scanInterval: Self.units(attempt.scan.intervalMicroseconds, 4...0x4000),
            scanWindow: Self.units(attempt.scan.windowMicroseconds, 4...0x4000),
            peer: DeviceAddress(type: attempt.address.kind.rawValue, value: attempt.address.value),
            ownAddressType: address.kind.rawValue,
            interval: attempt.parameters.interval,
            latency: attempt.parameters.latency,
            supervisionTimeout: attempt.parameters.supervisionTimeout
        )
    }

    /// Microseconds in units of 0.625 ms, within what the controller accepts.
    static func units(_ microseconds: UInt32, _ range: ClosedRange<UInt32>) -> UInt16 {
        UInt16(min(max(microseconds / 625, range.lowerBound), range.upperBound))
    }

    // MARK: - Answers

    /// The controller carried a step out, or refused it.
    mutating func airAnswered(_ command: HCICommand, _ status: UInt8, _ now: Instant, _ outputs: inout [HostOutput]) {
        guard status == 0 else {
            airRefused(command, status, now, &outputs)
            return
        }
        switch command.opcode {
        case .leSetAdvertisingParameters:
            let parameters = command.parameters
            advertisingOnAir.interval = UInt16(parameters[0]) | UInt16(parameters[1]) << 8
            advertisingOnAir.connectable = parameters[4] == 0
        case .leSetAdvertisingData: advertisingOnAir.data = Self.payload(command)
        case .leSetScanResponseData: advertisingOnAir.scanResponse = Self.payload(command)
        case .leSetAdvertisingEnable: advertisingOnAir.isEnabled = command.parameters[0] == 1
        case .leSetScanParameters: scanParametersOnAir = command
        case .leSetScanEnable: isScanning = command.parameters[0] == 1
        default: break
        }
    }

    private mutating func airRefused(
        _ command: HCICommand,
        _ status: UInt8,
        _ now: Instant,
        _ outputs: inout [HostOutput]
    ) {
        let isOff = command.parameters.count > 0 && command.parameters[0] == 0
        switch command.opcode {
        case .leSetAdvertisingEnable where isOff:
            // It was not on: the controller stopped by itself.
            advertisingOnAir.isEnabled = false
            return
        case .leSetScanEnable where isOff:
            isScanning = false
            return
        case .leSetAdvertisingEnable where status == HCIStatus.commandDisallowed.rawValue && !links.isEmpty:
            learn(&outputs) { $0.advertiseWhileLinked = false }
        case .leSetAdvertisingParameters, .leSetAdvertisingData, .leSetScanResponseData, .leSetAdvertisingEnable,
            .leSetScanParameters, .leSetScanEnable:
            break
        case .leSetDataLength where status == 0x01:
            learn(&outputs) { $0.dataLength = false }
            return
        default:
            outputs.append(.notice(RadioNotice(.debug, "the controller refused \(command.opcode): status \(status)")))
            return
        }
        retryAt = now.advanced(byMicroseconds: 1_000_000)
        outputs.append(
            .notice(RadioNotice(.warning, "the controller refused \(command.opcode): status \(status); trying again"))
        )
    }

    /// The controller showed that it cannot do something.
    mutating func learn(_ outputs: inout [HostOutput], _ change: (inout RadioCapabilities) -> Void) {
        let before = capabilities
        change(&capabilities)
        guard capabilities != before else { return }
        outputs.append(.event(.capabilitiesChanged(capabilities)))
    }

    private static func payload(_ command: HCICommand) -> AdvertisingData {
        var data = AdvertisingData()
        for index in 0..<min(31, Int(command.parameters[0])) { data.append(command.parameters[index + 1]) }
        return data
    }

    // MARK: - Connect attempts

    /// The controller began the attempt, or refused it.
    mutating func createAnswered(_ status: UInt8, _ now: Instant, _ outputs: inout [HostOutput]) {
        guard var current = attempt else { return }
        switch HCIStatus(rawValue: status) {
        case .success:
            current.state = .issued
            attempt = current
            if current.isTimedOut { cancelAttempt(now) }
            return
        case .commandDisallowed where advertisingOnAir.isEnabled && !connectExcludesAdvertising:
            connectExcludesAdvertising = true
            attempt?.state = .waiting
            return
        case .limitReached, HCIStatus(rawValue: 0x0D):
            let count = UInt8(clamping: links.count { $0.role == .central })
            learn(&outputs) { $0.linksAsCentral = min($0.linksAsCentral, count) }
        default: break
        }
        attempt = nil
        outputs.append(.event(.connectFailed(token: current.token, reason: HCIStatus(rawValue: status))))
    }

    /// The attempt took too long, or its cancellation did.
    mutating func timeOutAttempt(_ now: Instant, _ outputs: inout [HostOutput]) {
        if let current = attempt, current.cancellationIsRefused {
            loseAttempt(current, now, &outputs)
            return
        }
        guard attempt?.state != .cancelling else {
            // Without its outcome no other attempt can begin.
            fail(.stuck, status: .connectionTimeout, &outputs)
            return
        }
        attempt?.isTimedOut = true
        giveUpAttempt(now, &outputs)
    }

    private mutating func cancelAttempt(_ now: Instant) {
        attempt?.state = .cancelling
        attempt?.deadline = now.advanced(byMicroseconds: 2 * configuration.commandTimeout)
        commands.append(.leCreateConnectionCancel)
    }

    /// There is nothing to cancel: the outcome is on its way, or will never come.
    mutating func cancellationRefused(_ now: Instant) {
        guard attempt?.state == .cancelling else { return }
        attempt?.cancellationIsRefused = true
        attempt?.deadline = now.advanced(byMicroseconds: Self.lateOutcome)
    }

    /// Time for an outcome that the cancellation crossed, in microseconds.
    private static let lateOutcome: UInt64 = 200_000
    private mutating func loseAttempt(_ current: Attempt, _ now: Instant, _ outputs: inout [HostOutput]) {
        attempt = nil
        lonelySince = now
        outputs.append(.event(.connectFailed(token: current.token, reason: .connectionTimeout)))
        // Worse than one that could be cancelled.
        countFruitless(3, &outputs)
    }

    /// Counts attempts that ran out of time; after many in a row the controller is taken for stuck, which a reset mends.
    ///
    /// Without links that costs nothing, so that few are enough; else there may be peers that hear badly. A reset that has not
    /// helped doubles the patience.
    mutating func countFruitless(_ count: Int, _ outputs: inout [HostOutput]) {
        fruitlessAttempts += count
        guard fruitlessAttempts >= (links.isEmpty ? 3 : 6) << min(fruitlessResets, 5) else { return }
        fruitlessResets += 1
        fail(.stuck, status: .connectionTimeout, &outputs)
    }

    /// When a controller that nobody connects to, and that connects to nobody, is taken for stuck.
    ///
    /// A controller that still pursues an attempt which it called cancelled turns all peers away; a node that waits to be
    /// connected to would never learn of it. A reset costs nothing without links; one that has not helped doubles the patience.
    var lonelyUntil: Instant? {
        guard phase == .ready, links.isEmpty, attempt == nil else { return nil }
        return lonelySince?.advanced(byMicroseconds: Self.lonelyPatience << UInt64(min(fruitlessResets, 5)))
    }

    /// Time without a link after an attempt that came to nothing, in microseconds: longer than clusters take to find a node.
    private static let lonelyPatience: UInt64 = 20_000_000

    /// Ends the attempt; the outcome tells whether it was too late.
    mutating func giveUpAttempt(_ now: Instant, _ outputs: inout [HostOutput]) {
        guard let current = attempt else { return }
        switch current.state {
        case .waiting where outstanding?.opcode == .leCreateConnection:
            // On its way to the controller: cancelled when that has answered.
            attempt?.isTimedOut = true
            attempt?.deadline = now.advanced(byMicroseconds: 2 * configuration.commandTimeout)
        case .waiting:
            attempt = nil
            let reason: HCIStatus = current.isTimedOut ? .connectionTimeout : HCIStatus(rawValue: 0x02)
            outputs.append(.event(.connectFailed(token: current.token, reason: reason)))
        case .issued: cancelAttempt(now)
        case .cancelling: break
        }
    }
}
