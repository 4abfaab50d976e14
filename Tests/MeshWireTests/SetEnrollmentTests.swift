import ByteCoding
import MeshWire
import Testing

@Suite
struct SetEnrollmentTests {
    private let whole: [UInt8] = (1...73).map { UInt8($0) }

    @Test
    func everyAcceptedLengthKeepsItsFields() throws {
        for length in 8...73 {
            var reader = Array(whole.prefix(length))
            let request = try SetEnrollment(bytes: reader)
            #expect((request.newNetworkKey != nil) == (length >= 24))
            #expect((request.newUserBaseKey != nil) == (length >= 40))
            #expect((request.newOrganizationKey != nil) == (length >= 56))
            #expect((request.nodeKey != nil) == (length >= 72))
            #expect((request.options != nil) == (length == 73))
            let encoded = try request.encoded(as: MessageBytes.self).array
            reader.removeLast(reader.count - encoded.count)
            #expect(encoded == reader)
        }
        for length in 0..<8 {
            #expect(throws: CodingError.self) { try SetEnrollment(bytes: Array(whole.prefix(length))) }
        }
    }

    @Test
    func incompleteKeysStayInTheMessage() throws {
        for length in 8...80 {
            let message = try bytes("3301000000050000") + (1...80).prefix(length)
            #expect(try MeshMessage(bytes: message).encoded().array == message)
        }
    }

    @Test
    func missingKeysAreSentAsTheBytesThatMeanTheSame() throws {
        let request = SetEnrollment(
            serialNumber: SerialNumber(1),
            newNodeID: NodeID(2),
            newNetworkID: NetworkID(3),
            options: SetEnrollment.Options(timeoutSeconds: 127, onlyIfUnenrolled: true)
        )
        let decoded = try SetEnrollment(bytes: try request.encoded(as: MessageBytes.self))
        #expect(decoded.newNetworkKey?.isAll(0) == true)
        #expect(decoded.newOrganizationKey?.isAll(0) == true)
        #expect(decoded.nodeKey?.isAll(0xFF) == true)
        #expect(decoded.options == request.options)
    }
}
