import ByteCoding
import MeshWire

extension Command {
    private static let proposalsMax = 11
    private static let timeoutSecondsDefault: UInt8 = 10
    private static let timeoutSecondsMax: UInt8 = 127

    /// Commands of `action <node> enroll` (protocol §10.5).
    func enrollment(
        _ name: String,
        _ receiver: NodeID,
        _ arguments: inout Arguments
    ) throws(TerminalError) -> [TerminalRequest] {
        switch name {
        case "basic":
            let enrollment = try basicEnrollment(&arguments)
            return try send(
                .enrollment(.setEnrollment(enrollment)),
                to: receiver,
                handle: try arguments.requestHandle()
            )
        case "remove":
            let serialNumber = try arguments.serialNumber()
            return try send(
                .enrollment(.removeEnrollment(serialNumber)),
                to: receiver,
                handle: try arguments.requestHandle()
            )
        case "set_network":
            let network = NetworkID(try arguments.number())
            return try send(.enrollment(.setNetwork(network)), to: receiver, handle: try arguments.requestHandle())
        case "request_proposals":
            var serialNumbers = [try arguments.serialNumber()]
            while !arguments.isEmpty {
                guard serialNumbers.count < Self.proposalsMax else { throw .wrongArguments }
                serialNumbers.append(try arguments.serialNumber())
            }
            return try send(.enrollment(.requestProposals(PackedList(serialNumbers))), to: receiver)
        default: throw .commandNotFound
        }
    }

    private func basicEnrollment(_ arguments: inout Arguments) throws(TerminalError) -> SetEnrollment {
        try arguments.expect(atLeast: 3)
        let unchanged = FixedBytes<16>(repeating: 0)
        let serialNumber = try arguments.serialNumber()
        let nodeID = NodeID(try arguments.number())
        let networkID = NetworkID(try arguments.number())
        guard networkID > .enrolment else { throw .wrongArguments }
        let networkKey = try arguments.key(or: unchanged)
        let userBaseKey = try arguments.key(or: unchanged)
        let organizationKey = try arguments.key(or: unchanged)
        let nodeKey = try arguments.key(or: unchanged)
        let timeoutSeconds: UInt8 = try arguments.number(or: Self.timeoutSecondsDefault)
        guard timeoutSeconds <= Self.timeoutSecondsMax else { throw .wrongArguments }
        let onlyIfUnenrolled: UInt8 = try arguments.number(or: 0)
        return SetEnrollment(
            serialNumber: serialNumber,
            newNodeID: nodeID,
            newNetworkID: networkID,
            newNetworkKey: networkKey,
            newUserBaseKey: userBaseKey,
            newOrganizationKey: organizationKey,
            nodeKey: nodeKey,
            options: .init(timeoutSeconds: timeoutSeconds, onlyIfUnenrolled: onlyIfUnenrolled != 0)
        )
    }
}
