import ByteCoding
import MeshControl
import MeshWire

/// How a delivery is to be confirmed.
enum Confirmation {
    /// Where there is a listener; without one the message is sent all the same.
    case ifPossible
    /// It must be.
    case required
    /// Not at all.
    case none
}

/// What became of application data.
struct Shipment: Equatable {
    /// Whether the receiver has it.
    enum Outcome: Equatable {
        /// A listener there said that it has all of it.
        case confirmed
        /// It is on its way; nobody will say whether it arrives.
        case sent
        /// It was not delivered, for this reason.
        case failed(String)
    }

    var outcome: Outcome
    /// The node that confirmed or refused; nil if none did.
    var node: NodeID?
    /// From the first message to the last in microseconds of this machine's clock.
    var duration: UInt64 = 0
    /// Chunks that were sent again.
    var repeated: UInt32 = 0
}

// Application data.
extension MeshDialogue {
    /// Bytes of a message that goes without a transfer (protocol §10.3).
    static let datagramBytesMax = 192

    /// Sends a message.
    ///
    /// A single node is asked whether somebody listens there, by the START of a transfer; then the transfer confirms the message.
    /// Else it goes as MODULE_RAW_DATA_LIGHT, which nobody confirms.
    mutating func deliver(_ content: [UInt8], to target: MeshTarget, _ confirmation: Confirmation) throws -> Shipment {
        if target.isOneNode, confirmation != .none {
            let note = TransferNote(message: content, serial: UInt32.random(in: 0...UInt32.max))
            let sender = TransferSender(content, note: note, patience: .short)
            let shipment = try transfer(sender, to: target) { _ in }
            if shipment.outcome != .failed(Self.nobody) { return shipment }
            if confirmation == .required || content.count > Self.datagramBytesMax { return shipment }
        }
        guard confirmation != .required else {
            return Shipment(outcome: .failed("only a single node confirms, not \(target.name)"))
        }
        guard content.count <= Self.datagramBytesMax else {
            let text = "a message without confirmation has at most \(Self.datagramBytesMax) bytes, not \(content.count)"
            return Shipment(outcome: .failed(text))
        }
        try send(
            RawDataLight(
                sender: NodeID(0),
                receiver: target.id,
                module: .plain(.node),
                dataProtocol: .unspecified,
                data: InlineBytes(content)
            )
        )
        return Shipment(outcome: .sent)
    }

    /// Why a transfer does not begin.
    static let nobody = "no listener answers there; run 'thicket listen'"

    /// Carries a transfer to its end, or to Ctrl-C.
    mutating func transfer(
        _ transfer: TransferSender,
        to target: MeshTarget,
        progress: (TransferSender) -> Void
    ) throws -> Shipment {
        guard let node = try node(of: target) else { return Shipment(outcome: .failed("no sink answers")) }
        var transfer = transfer
        try forget()
        let handle = handles.next()
        let begin = ContinuousClock.now
        while transfer.outcome == nil, !Interrupt.isRequested {
            while let content = transfer.next(at: Self.microseconds(since: begin)) {
                try send(
                    RawData(
                        sender: NodeID(0),
                        receiver: node,
                        module: .plain(.node),
                        requestHandle: handle,
                        content: content
                    )
                )
            }
            progress(transfer)
            guard transfer.outcome == nil else { break }
            guard let delivery = try next(before: begin + .microseconds(transfer.deadline)) else { continue }
            guard let answer = try? RawData(bytes: delivery.message), answer.sender == node,
                answer.requestHandle == handle
            else { continue }
            transfer.take(answer.content)
        }
        let outcome: Shipment.Outcome =
            switch transfer.outcome {
            case .delivered: .confirmed
            case .noAnswer: .failed(Self.nobody)
            case .refused(let error): .failed("node \(node) refuses: \(error.words)")
            case .silent: .failed("node \(node) fell silent")
            case nil: .failed("interrupted")
            }
        return Shipment(
            outcome: outcome,
            node: transfer.isAccepted ? node : nil,
            duration: Self.microseconds(since: begin),
            repeated: transfer.repeated
        )
    }

    /// Microseconds of this machine's clock.
    static func microseconds(since begin: ContinuousClock.Instant) -> UInt64 {
        let parts = (ContinuousClock.now - begin).components
        return UInt64(parts.seconds) * 1_000_000 + UInt64(parts.attoseconds) / 1_000_000_000_000
    }
}
