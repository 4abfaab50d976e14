import MeshWire
import RadioPort

// Another cluster cannot connect because this one has no free link: one is freed (protocol §4.8, step 4).
extension Node {
    /// Frees an outgoing link, unless one is free already.
    mutating func freeLink(for request: ModuleMessage, now: Instant, into outputs: inout Outputs) {
        let code: EmergencyDisconnectCode
        if freeOut > 0 {
            code = .notNeeded
        } else if let slot = pickLinkToFree() {
            code = .disconnected
            remove(slot: slot, reason: .emergencyDisconnect, now: now, into: &outputs)
        } else {
            code = .nonePicked
        }
        trace(.emergencyAnswered(code: code.rawValue), into: &outputs)
        answer(request, .node(.emergencyDisconnectResponse(code)), now: now, into: &outputs)
    }

    /// Draws a handshaked outgoing link, one with few nodes behind it rather than one with many.
    private mutating func pickLinkToFree() -> UInt8? {
        let draw = Int(random.uniform(below: 1 << 16))
        let others = Int(clusterSize) - 1
        var candidates = 0
        for index in links.indices where links.isMeshEdge(index) && links[index].role == .central {
            candidates += 1
        }
        var sum = 0
        for slot in 0..<UInt8(Limits.connections) {
            guard let index = index(slot: slot), links.isMeshEdge(index), links[index].role == .central else {
                continue
            }
            if candidates <= 1 || others <= 0 {
                sum += 1
            } else {
                sum += (others - Int(links[index].connectedSize)) * 65535 / ((candidates - 1) * others)
            }
            if sum > draw { return slot }
        }
        return nil
    }
}
