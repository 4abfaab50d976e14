import MeshWire
import RadioPort

// What it takes to ask the radio for a link: a free connection object, and a radio that can (protocol §4.5, §5.1).
extension Node {
    /// Why the radio cannot be asked now for a link to an address, whatever the link is for.
    @inline(__always)
    func connectRefusal(to address: Address) -> ConnectRefusal? {
        if radio == nil { return .radioNotReady }
        if links.contains(where: { $0.address == address }) { return .addressInUse }
        if links.count >= connectionLimit { return .noFreeSlot }
        if connectAttempt != nil { return .attemptPending }
        return nil
    }

    /// Asks the radio for a link on behalf of a connection object.
    mutating func beginConnecting(
        slot: UInt8,
        address: Address,
        parameters: ConnectionParameters,
        timeout: UInt32,
        into outputs: inout Outputs
    ) {
        let token = ConnectToken(rawValue: nextToken)
        nextToken &+= 1
        connectAttempt = ConnectAttempt(token: token, slot: slot)
        timers.stop(.scanRestart)
        // The attempt ends the scan; the radio is told nothing more.
        scanOnAir = nil
        outputs.append(
            .radio(
                .connect(
                    token: token,
                    address: address,
                    parameters: parameters,
                    scan: configuration.timing.scanInitiating,
                    timeoutMicroseconds: timeout
                )
            )
        )
    }

    /// Whether a node is no partner: others are preferred, and the rest ignored (protocol §4.7).
    @inline(__always)
    func isIgnored(_ node: NodeID) -> Bool {
        stored.preferredMode == .ignored && !stored.preferredPartners.isEmpty
            && !stored.preferredPartners.contains(node)
    }

    // MARK: - Free connection objects

    /// Free mesh connection objects as peripheral.
    @inline(__always)
    var freeIn: UInt8 { free(.peripheral) }

    /// Free mesh connection objects as central.
    @inline(__always)
    var freeOut: UInt8 { free(.central) }

    @inline(__always)
    private func free(_ role: LinkRole) -> UInt8 {
        guard radioAllows(role) else { return 0 }
        return UInt8(max(0, meshCapacity(role) - meshLinkCount(role)))
    }

    /// Mesh connection objects that there may be in a role.
    @inline(__always)
    func meshCapacity(_ role: LinkRole) -> Int {
        min(Int(role == .peripheral ? configuration.meshInLinks : configuration.meshOutLinks), radioLimit(role))
    }

    /// Mesh connection objects in a role.
    @inline(__always)
    func meshLinkCount(_ role: LinkRole) -> Int {
        var count = 0
        for index in links.indices where links[index].kind == .mesh && links[index].role == role {
            count += 1
        }
        return count
    }

    // MARK: - What the radio can do

    /// Links in a role that the radio can hold; without a radio nothing is known against any.
    @inline(__always)
    func radioLimit(_ role: LinkRole) -> Int {
        guard let capabilities = radio?.capabilities else { return Int(UInt8.max) }
        return Int(role == .peripheral ? capabilities.linksAsPeripheral : capabilities.linksAsCentral)
    }

    /// Whether the radio takes links in a role beside those that it has.
    @inline(__always)
    func radioAllows(_ role: LinkRole) -> Bool {
        guard let capabilities = radio?.capabilities, !radioLinks.isEmpty else { return true }
        if role == .peripheral, !capabilities.advertiseWhileLinked { return false }
        return capabilities.dualRole || !radioLinks.contains { $0.role != role }
    }
}

extension Address {
    /// The four bytes first on air, as live reports carry them.
    var low32: UInt32 { UInt32(truncatingIfNeeded: value) }
}
