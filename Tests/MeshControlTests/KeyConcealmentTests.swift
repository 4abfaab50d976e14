import ByteCoding
import MeshWire
import TestSupport
import Testing

@testable import MeshControl

@Suite struct KeyConcealmentTests {
    private static func request(_ content: EnrollmentMessage) throws -> MessageBytes {
        try ModuleMessage(sender: NodeID(1), receiver: .broadcast, requestHandle: 7, content: .enrollment(content))
            .encoded(as: MessageBytes.self)
    }

    private static let enrolment = SetEnrollment(
        serialNumber: SerialNumber(2_673_001),
        newNodeID: NodeID(12),
        newNetworkID: NetworkID(11),
        newNetworkKey: FixedBytes(repeating: 0x5A),
        newUserBaseKey: FixedBytes(repeating: 0x5A),
        newOrganizationKey: FixedBytes(repeating: 0x5A),
        nodeKey: FixedBytes(repeating: 0x5A),
        options: .init(timeoutSeconds: 10, onlyIfUnenrolled: true)
    )

    @Test func anEnrolmentIsToldWithoutItsKeys() throws {
        let told = KeyConcealment.concealed(try Self.request(.setEnrollment(Self.enrolment)))
        #expect(!told.array.contains(0x5A))
        guard case .enrollment(.setEnrollment(let set)) = try ModuleMessage(bytes: told).content else {
            Issue.record("no enrolment: \(told)")
            return
        }
        #expect(set.serialNumber == Self.enrolment.serialNumber && set.newNodeID == NodeID(12))
        #expect(set.options == Self.enrolment.options)
    }

    @Test func whatCannotBeReadIsToldWithoutItsKeysAsWell() throws {
        let whole = try Self.request(.setEnrollment(Self.enrolment)).array
        var random = SplitMix.announced("KeyConcealmentTests")
        for _ in 0..<2000 {
            var bytes = Array(whole.prefix(8 + random.below(whole.count - 7)))
            for _ in 0..<random.below(100) where bytes.count < 200 { bytes.append(0x5A) }
            let told = KeyConcealment.concealed(MessageBytes(bytes)).array
            // The last byte of a whole request is none of a key.
            #expect(!told.dropFirst(16).prefix(64).contains(0x5A) && told.count <= 81)
        }
    }

    @Test func everythingElseIsToldAsItIs() throws {
        for message in [
            try Self.request(.removeEnrollment(SerialNumber(5))),
            try Self.request(.requestProposals(PackedList([SerialNumber(5)]))),
            MessageBytes([0x33, 1, 0, 2, 0, 3, 0, 1]), MessageBytes([0x14, 1, 0]),
        ] {
            #expect(KeyConcealment.concealed(message) == message)
        }
    }

    /// Whoever may only look neither enrols nor removes, nor asks every node to listen.
    @Test func enrollingNeedsTheRightToChange() throws {
        for content in [
            .setEnrollment(Self.enrolment), .removeEnrollment(SerialNumber(5)), .setNetwork(NetworkID(7)),
            .requestProposals(PackedList([SerialNumber(5)])),
            .setEnrollmentResult(EnrollmentResult(serialNumber: SerialNumber(5), code: .ok)),
        ] as [EnrollmentMessage] {
            #expect(ControlRights.needed(toSend: try Self.request(content)) == .change)
        }
    }
}
