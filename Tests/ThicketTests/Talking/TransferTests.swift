import ByteCoding
import MeshWire
import TestSupport
import Testing

@testable import thicket

/// Both ends of a transfer over a mesh that loses, repeats and delays.
@Suite struct TransferTests {
    private static let sender = NodeID(3)
    private static let key = TransferInbox.Key(sender: sender, handle: 9)

    /// A transfer that is carried from one end to the other by a test.
    private struct Carriage {
        var sender: TransferSender
        var inbox = TransferInbox(takesFiles: true)
        var arrived: [[UInt8]] = []
        var now: UInt64 = 0
        var handle: UInt8 = 9
        /// Whether a message gets through, how often, and whether it is overtaken.
        var fate: (inout SplitMix) -> (copies: Int, isLate: Bool) = { _ in (1, false) }
        private var toInbox: [RawData.Content] = []
        private var toSender: [RawData.Content] = []

        init(_ sender: TransferSender) { self.sender = sender }

        private func carry(_ message: RawData.Content, in queue: inout [RawData.Content], _ random: inout SplitMix) {
            let (copies, isLate) = fate(&random)
            for _ in 0..<copies {
                queue.insert(message, at: isLate && !queue.isEmpty ? queue.count - 1 : queue.count)
            }
        }

        private mutating func act(_ events: [TransferInbox.Event], _ random: inout SplitMix) {
            for event in events {
                switch event {
                case .reply(let content, _): carry(content, in: &toSender, &random)
                case .arrived(let arrival):
                    arrived.append(arrival.content)
                    act(inbox.settle(arrival.key), &random)
                case .began, .failed: break
                }
            }
        }

        /// Carries messages until the sender is done, false if it never is; time passes when nothing else happens.
        mutating func run(_ random: inout SplitMix, steps: Int = 200_000) -> Bool {
            for _ in 0..<steps {
                if let content = sender.next(at: now) {
                    carry(content, in: &toInbox, &random)
                } else if sender.outcome != nil {
                    return true
                } else if !toInbox.isEmpty {
                    let message = RawData(
                        sender: TransferTests.sender,
                        receiver: NodeID(7),
                        module: .plain(.node),
                        requestHandle: handle,
                        content: toInbox.removeFirst()
                    )
                    act(inbox.take(message, at: now), &random)
                } else if !toSender.isEmpty {
                    sender.take(toSender.removeFirst())
                } else {
                    now = max(now + 1, sender.deadline)
                    act(inbox.expire(at: now), &random)
                }
            }
            return false
        }
    }

    private static func file(_ content: [UInt8], patience: TransferSender.Patience = .long) -> TransferSender {
        TransferSender(content, note: TransferNote(file: content, name: "a.bin"), patience: patience)
    }

    // MARK: - Properties

    @Test(arguments: [0, 1, 187, 188, 189, 376, 5000]) func everyLengthArrives(count: Int) {
        var random = SplitMix(seed: UInt64(count))
        let content = random.bytes(count)
        var carriage = Carriage(Self.file(content))
        let isOver = carriage.run(&random)
        #expect(isOver && carriage.sender.outcome == .delivered)
        #expect(carriage.arrived == [content])
        #expect(carriage.sender.repeated == 0)
    }

    @Test func whatIsDeliveredIsWhole() {
        var seeds = SplitMix.announced("whatIsDeliveredIsWhole")
        var outcomes: [String: Int] = [:]
        for _ in 0..<300 {
            let seed = seeds.next()
            var random = SplitMix(seed: seed)
            let content = random.bytes(atMost: 20_000)
            var carriage = Carriage(Self.file(content))
            let loss = random.below(15)
            let repeats = random.below(20)
            let late = random.below(20)
            carriage.fate = { random in
                if random.below(100) < loss { return (0, false) }
                return (random.below(100) < repeats ? 2 : 1, random.below(100) < late)
            }
            let isOver = carriage.run(&random)
            #expect(isOver, "seed \(seed)")
            #expect(carriage.arrived.allSatisfy { $0 == content }, "seed \(seed)")
            if carriage.sender.outcome == .delivered { #expect(carriage.arrived.count == 1, "seed \(seed)") }
            outcomes["\(carriage.sender.outcome as Any)", default: 0] += 1
        }
        print("transfers:", outcomes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" })
        let delivered = outcomes.filter { $0.key.contains("delivered") }.values.reduce(0, +)
        #expect(delivered > 200, "\(outcomes)")
    }

    @Test func chunksThatAreLostOnceAreSentAgainAndNoOthers() {
        let content = [UInt8](repeating: 7, count: 188 * 40)
        var random = SplitMix(seed: 1)
        var carriage = Carriage(Self.file(content))
        var number = 0
        var lost: UInt32 = 0
        carriage.fate = { _ in
            number += 1
            // Not the first two, which agree on the transfer, and no question: those cost a time-out.
            guard number > 2, number % 7 == 0 else { return (1, false) }
            lost += 1
            return (0, false)
        }
        let isOver = carriage.run(&random)
        #expect(isOver && carriage.sender.outcome == .delivered)
        #expect(carriage.arrived == [content])
        #expect(carriage.sender.repeated <= lost)
    }

    @Test func arbitraryMessagesDoNoHarm() {
        var seeds = SplitMix.announced("arbitraryMessagesDoNoHarm")
        for _ in 0..<200 {
            let seed = seeds.next()
            var random = SplitMix(seed: seed)
            var inbox = TransferInbox(takesFiles: true)
            var sender = Self.file(random.bytes(atMost: 2000))
            var now: UInt64 = 0
            for _ in 0..<200 {
                now += UInt64(random.below(20_000_000))
                let content = Self.arbitrary(&random)
                sender.take(content)
                _ = sender.next(at: now)
                let message = RawData(
                    sender: NodeID(UInt16(1 + random.below(4))),
                    receiver: NodeID(7),
                    module: .plain(.node),
                    requestHandle: UInt8(random.below(6)),
                    content: content
                )
                for event in inbox.take(message, at: now) {
                    if case .arrived(let arrival) = event { _ = inbox.settle(arrival.key) }
                }
                _ = inbox.expire(at: now)
                #expect(inbox.count <= TransferLimits.transfers, "seed \(seed)")
            }
        }
    }

    private static func arbitrary(_ random: inout SplitMix) -> RawData.Content {
        switch random.below(7) {
        case 0:
            let note = TransferNote(file: random.bytes(atMost: 300), name: "x")
            let ours = random.below(2) == 0
            return .start(
                RawDataStart(
                    numChunks: UInt32(random.below(5)),
                    dataProtocol: ours ? TransferNote.dataProtocol : .unspecified,
                    metadata: ours ? note.metadata : InlineBytes(random.bytes(atMost: 40))
                )
            )
        case 1: return .startReceived(InlineBytes(random.bytes(atMost: 40)))
        case 2:
            return .chunk(RawDataChunk(chunkID: UInt32(random.below(6)), data: InlineBytes(random.bytes(atMost: 188))))
        case 3: return .report(PackedList((0..<3).map { _ in UInt32(random.below(12)) }))
        case 4:
            return .error(RawDataError(rawValue: UInt8(random.below(4))), destination: UInt8(random.below(4)))
        case 5: return .reportDesired
        default: return .unknown(actionType: 9, payload: InlineBytes(random.bytes(atMost: 20)))
        }
    }

    // MARK: - Going on

    @Test func aTransferIsTakenUpWhereItEnded() {
        let content = [UInt8](repeating: 5, count: 188 * 100)
        var random = SplitMix(seed: 1)
        var first = Carriage(Self.file(content))
        var number = 0
        first.fate = { _ in
            number += 1
            return (number > 60 ? 0 : 1, false)
        }
        let isOver = first.run(&random)
        #expect(isOver && first.sender.outcome == .silent)
        let confirmed = first.sender.confirmed
        #expect(confirmed > 10)
        var second = Carriage(Self.file(content))
        second.inbox = first.inbox
        second.now = first.now
        second.handle = 77
        let isOverAgain = second.run(&random)
        #expect(isOverAgain && second.sender.outcome == .delivered)
        #expect(second.arrived == [content])
        var began: UInt32?
        var inbox = first.inbox
        let start = RawDataStart(
            numChunks: 100,
            dataProtocol: TransferNote.dataProtocol,
            metadata: TransferNote(file: content, name: "a.bin").metadata
        )
        for case .began(_, _, let held, _) in inbox.take(Self.message(.start(start), handle: 78), at: first.now) {
            began = held
        }
        #expect(began.map { $0 >= confirmed } == true)
    }

    @Test func equalMessagesAreTwoMessages() {
        let text = Array("ping".utf8)
        var random = SplitMix(seed: 1)
        var first = Carriage(TransferSender(text, note: TransferNote(message: text, serial: 1), patience: .short))
        let isOver = first.run(&random)
        #expect(isOver)
        var second = Carriage(TransferSender(text, note: TransferNote(message: text, serial: 2), patience: .short))
        second.inbox = first.inbox
        let isOverAgain = second.run(&random)
        #expect(isOverAgain && second.sender.outcome == .delivered)
        #expect(second.arrived == [text])
    }

    @Test func nobodyThereIsNoticed() {
        var random = SplitMix(seed: 1)
        var carriage = Carriage(Self.file([1], patience: .short))
        carriage.fate = { _ in (0, false) }
        let isOver = carriage.run(&random)
        #expect(isOver && carriage.sender.outcome == .noAnswer)
        #expect(carriage.now == 6_000_000)
    }

    // MARK: - Other ends

    private static func message(_ content: RawData.Content, handle: UInt8 = 9) -> RawData {
        RawData(sender: sender, receiver: NodeID(7), module: .plain(.node), requestHandle: handle, content: content)
    }

    private static func chunk(_ id: UInt32) -> RawData.Content {
        .chunk(RawDataChunk(chunkID: id, data: InlineBytes([UInt8(id)])))
    }

    private static func reports(_ events: [TransferInbox.Event]) -> [[UInt32]] {
        events.compactMap { if case .reply(.report(let list), _) = $0 { Array(list) } else { nil } }
    }

    @Test func aSenderThatNeverAsksIsToldBehindTheLastChunk() {
        var inbox = TransferInbox(takesFiles: false)
        let start = RawDataStart(numChunks: 6, dataProtocol: .unspecified)
        let first = inbox.take(Self.message(.start(start)), at: 0)
        #expect(first.first == .reply(.startReceived(InlineBytes()), Self.key))
        var events: [TransferInbox.Event] = []
        for id: UInt32 in [1, 3, 6] { events += inbox.take(Self.message(Self.chunk(id)), at: 1) }
        #expect(Self.reports(events) == [[2, 4, 5]])
        events = [2, 4].flatMap { inbox.take(Self.message(Self.chunk($0)), at: 2) }
        #expect(events.isEmpty)
        events = inbox.take(Self.message(Self.chunk(5)), at: 2)
        #expect(events == [.arrived(TransferInbox.Arrival(key: Self.key, note: nil, content: [1, 2, 3, 4, 5, 6]))])
        let end = inbox.settle(Self.key)
        #expect(Self.reports(end) == [[0, 0, 0]])
        // A report that was lost is given again.
        let again = inbox.take(Self.message(.reportDesired), at: 3)
        #expect(Self.reports(again) == [[0, 0, 0]])
    }

    @Test func aReceiverThatListsGapsOnlyIsUnderstood() {
        var sender = Self.file([UInt8](repeating: 1, count: 188 * 4))
        #expect(Self.all(&sender).count == 1)
        sender.take(.startReceived(InlineBytes()))
        #expect(Self.all(&sender) == [1, 2, nil])
        sender.take(.report(PackedList([0, 0, 0])))
        // Nothing is missing of what was sent, which is not all.
        #expect(sender.outcome == nil && sender.confirmed == 2)
        #expect(Self.all(&sender) == [3, 4, nil])
        sender.take(.report(PackedList([3, 0, 0])))
        #expect(Self.all(&sender) == [3, nil])
        sender.take(.report(PackedList([0, 0, 0])))
        #expect(sender.outcome == .delivered)
    }

    /// What the sender says until it waits: numbers of chunks, nil for everything else.
    private static func all(_ sender: inout TransferSender) -> [UInt32?] {
        var said: [UInt32?] = []
        while let content = sender.next(at: 0) {
            if case .chunk(let chunk) = content { said.append(chunk.chunkID) } else { said.append(nil) }
        }
        return said
    }

    @Test func theWindowIsBounded() {
        var sender = Self.file([UInt8](repeating: 1, count: 188 * 200))
        _ = Self.all(&sender)
        sender.take(.startReceived(InlineBytes()))
        var greatest = 0
        while sender.outcome == nil {
            let said = Self.all(&sender)
            greatest = max(greatest, said.count - 1)
            sender.take(.report(PackedList([])))
        }
        #expect(greatest == Int(TransferLimits.windowMax))
    }

    @Test func refusalsEndATransfer() {
        var inbox = TransferInbox(takesFiles: false)
        let note = TransferNote(file: [1], name: "x")
        let start = RawDataStart(numChunks: 1, dataProtocol: TransferNote.dataProtocol, metadata: note.metadata)
        let events = inbox.take(Self.message(.start(start)), at: 0)
        #expect(events.first == .reply(.error(.notWanted, destination: 1), Self.key))
        #expect(inbox.count == 0)
        var sender = Self.file([1])
        _ = sender.next(at: 0)
        sender.take(.error(.notWanted, destination: 1))
        #expect(sender.outcome == .refused(.notWanted))
        // What is for the other end changes nothing.
        var other = Self.file([1])
        _ = other.next(at: 0)
        other.take(.error(.malformed, destination: 2))
        #expect(other.outcome == nil)
    }

    @Test func whatIsTooLongIsRefusedAtOnce() {
        var inbox = TransferInbox(takesFiles: true)
        for chunks in [UInt32(TransferLimits.chunks) + 1, 0xFF_FFFF] {
            let start = RawDataStart(numChunks: chunks, dataProtocol: .unspecified)
            let events = inbox.take(Self.message(.start(start)), at: 0)
            #expect(events.first == .reply(.error(.tooLong, destination: 1), Self.key))
        }
        #expect(inbox.count == 0)
    }

    @Test func aWrongChecksumIsNoDelivery() {
        var inbox = TransferInbox(takesFiles: true)
        let note = TransferNote(file: [1, 2], name: "x")
        let start = RawDataStart(numChunks: 2, dataProtocol: TransferNote.dataProtocol, metadata: note.metadata)
        _ = inbox.take(Self.message(.start(start)), at: 0)
        _ = inbox.take(Self.message(Self.chunk(1)), at: 0)
        let events = inbox.take(Self.message(.chunk(RawDataChunk(chunkID: 2, data: InlineBytes([3])))), at: 0)
        #expect(events.first == .reply(.error(.checksum, destination: 1), Self.key))
        #expect(inbox.count == 0)
    }

    @Test func thereIsRoomForSoMany() {
        var inbox = TransferInbox(takesFiles: true)
        func start(_ handle: Int) -> RawData {
            let note = TransferNote(file: [1], name: "\(handle)")
            return Self.message(
                .start(RawDataStart(numChunks: 1, dataProtocol: TransferNote.dataProtocol, metadata: note.metadata)),
                handle: UInt8(handle)
            )
        }
        for handle in 1...TransferLimits.transfers { _ = inbox.take(start(handle), at: 0) }
        let key = TransferInbox.Key(sender: Self.sender, handle: 99)
        let refused = inbox.take(start(99), at: 1)
        #expect(refused.first == .reply(.error(.busy, destination: 1), key))
        // Senders that have gone make room.
        let gone = inbox.expire(at: TransferInbox.patience)
        #expect(gone.count == 2 * TransferLimits.transfers)
        let taken = inbox.take(start(99), at: TransferInbox.patience)
        #expect(taken.first == .reply(.startReceived(InlineBytes()), key))
        _ = inbox.expire(at: TransferInbox.patience + TransferInbox.interruptedKept)
        _ = inbox.expire(at: 2 * TransferInbox.patience + TransferInbox.interruptedKept)
        #expect(inbox.count <= 1)
    }

    // MARK: - Notes

    @Test func notesComeBackAsTheyWere() {
        var random = SplitMix.announced("notesComeBackAsTheyWere")
        let names = [
            "", "a", "picture of the attic and the cellar.jpeg",
            "äöüäöüäöüäöüäöüäöüäöü.txt", "👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
        ]
        for name in names {
            let content = random.bytes(atMost: 50)
            let note = TransferNote(file: content, name: name)
            #expect(note.metadata.count <= 40)
            #expect(TransferNote(metadata: note.metadata) == note)
            #expect(note.fits(content) && !note.fits(content + [0]))
        }
        #expect(
            TransferNote(file: [], name: "picture of the attic and the cellar.jpeg").name.hasSuffix(" cellar.jpeg")
        )
        #expect(TransferNote(metadata: InlineBytes([1, 2, 3])) == nil)
        // The checksum of zlib and of Ethernet.
        #expect(TransferNote(file: Array("123456789".utf8), name: "").checksum == 0xCBF4_3926)
    }
}
