import ByteCoding
import MeshCore
import MeshWire
import RadioPort
import Testing
import TestSupport

@testable import MeshCapture

/// The written form of inputs.
@Suite struct RecordTests {
    /// Kinds that are inputs.
    private static let kinds = RecordKind.allCases.filter { $0 != .checkpoint && $0 != .end }

    private static func bytes(_ record: Record) throws -> [UInt8] {
        try InlineBytes<2048> { (writer) throws(CodingError) in try record.encode(into: &writer, after: .zero) }.array
    }

    private static func record(_ bytes: [UInt8]) throws(CodingError) -> Record {
        var reader = ByteReader(bytes.span.bytes)
        let record = try Record(from: &reader, after: .zero)
        try reader.expectEnd()
        return record
    }

    @Test(arguments: kinds) func everyInputComesBack(kind: RecordKind) throws {
        var random = SplitMix.announced("everyInputComesBack \(kind)")
        for _ in 0..<200 {
            let input = random.input(kind)
            #expect(RecordKind(input) == kind)
            let check = random.below(2) == 0 ? nil : UInt16(truncatingIfNeeded: random.next())
            let at = Instant(microseconds: random.next() >> UInt64(random.below(64)))
            let record = Record.input(RecordedInput(at: at, input: input, check: check))
            let bytes = try Self.bytes(record)
            let found = try Self.record(bytes)
            #expect("\(found)" == "\(record)", "seed \(random.seed)")
            for count in 0..<bytes.count {
                let isCut = (try? Self.record(Array(bytes.prefix(count)))) == nil
                #expect(isCut, "\(kind), \(count) of \(bytes), seed \(random.seed)")
            }
        }
    }

    @Test func otherRecordsComeBack() throws {
        let records: [Record] =
            [.checkpoint(0x0123_4567_89AB_CDEF)]
            + [.stopped, .full, .restarted, .inputTooLong].map(Record.end)
        for record in records {
            let found = try Self.record(Self.bytes(record))
            #expect("\(found)" == "\(record)")
        }
    }

    /// Whatever bytes are read as a record are written as one that means the same.
    @Test func anyBytesAreARecordOrAnError() throws {
        var random = SplitMix.announced("anyBytesAreARecordOrAnError")
        var count = 0
        for _ in 0..<200_000 {
            var bytes = random.bytes(atMost: 60)
            if !bytes.isEmpty { bytes[0] = UInt8(random.below(40)) | UInt8(random.below(2)) << 7 }
            guard let record = try? Self.record(bytes) else { continue }
            count += 1
            let again = try Self.record(Self.bytes(record))
            #expect("\(again)" == "\(record)", "seed \(random.seed)")
        }
        // The generator makes some that are.
        #expect(count > 100)
    }

    /// The numbers of the file never change.
    @Test func anAdvertisementIsWrittenLikeThis() throws {
        let event = RadioEvent.advertisement(
            address: Address(value: 0xC000_0000_0007, kind: .random),
            rssi: -60,
            connectable: true,
            data: InlineBytes([2, 1, 6])
        )
        let record = Record.input(
            RecordedInput(at: Instant(microseconds: 300), input: .radio(event), check: 0xBEEF)
        )
        #expect(
            try Self.bytes(record)
                == [19 | 0x80, 0xAC, 0x02, 7, 0, 0, 0, 0, 0xC0, 1, 0xC4, 1, 3, 2, 1, 6, 0xEF, 0xBE]
        )
    }

    /// A stored state with every list as long as can be has room.
    @Test func theLongestStateFits() throws {
        var state = PersistentState()
        state.preferredPartners = Array(repeating: NodeID(0xFFFF), count: Limits.preferredPartners)
        state.groups = Array(repeating: NodeID(0xFFFF), count: Limits.dynamicGroups)
        state.inactiveModules = Array(repeating: .plain(ModuleID(rawValue: 7)), count: 255)
        state.enrolment = Enrolment(node: .invalid, network: NetworkID(.max), networkKey: .unset)
        let boot = Input.started(boot: BootRecord(bootNumber: .max, reason: .max, stored: state))
        let record = Record.input(RecordedInput(at: Instant(microseconds: .max), input: boot, check: 1))
        #expect(try Self.bytes(record).count < 2048)
        state.inactiveModules.append(.plain(ModuleID(rawValue: 7)))
        let longer = Input.started(boot: BootRecord(stored: state))
        #expect(throws: CodingError.overflow(capacity: 255)) {
            try Self.bytes(.input(RecordedInput(at: .zero, input: longer, check: nil)))
        }
    }
}
