import ByteCoding
public import MeshWire
public import RadioPort

/// What a node was enrolled with over the air (protocol §10.5); it goes before what the node was made with.
public struct Enrolment: Sendable, Equatable {
    /// Its id in the network; nil stands for the one that it was made with.
    public var node: NodeID?
    /// The network; ``MeshWire/NetworkID/notEnrolled`` if the node was taken out of one.
    public var network: NetworkID
    /// Shared by the network.
    public var networkKey: Key128
    /// Root of derived user keys.
    public var userBaseKey: Key128
    /// Shared by all networks of one organisation.
    public var organizationKey: Key128

    /// An enrolment from its fields.
    public init(
        node: NodeID?,
        network: NetworkID,
        networkKey: Key128,
        userBaseKey: Key128 = .unset,
        organizationKey: Key128 = .unset
    ) {
        self.node = node
        self.network = network
        self.networkKey = networkKey
        self.userBaseKey = userBaseKey
        self.organizationKey = organizationKey
    }

    /// The state of a node that was taken out of its network: no id of its own, no network, no keys.
    public static let removed = Enrolment(node: nil, network: .notEnrolled, networkKey: .unset)
}

extension Identity {
    /// The same node under an enrolment; nil leaves it as it is.
    ///
    /// The node key is the hardware's own and stays.
    public func enrolled(with enrolment: Enrolment?) -> Identity {
        guard let enrolment else { return self }
        var identity = self
        identity.node = enrolment.node ?? node
        identity.network = enrolment.network
        identity.keys.network = enrolment.networkKey
        identity.keys.userBase = enrolment.userBaseKey
        identity.keys.organization = enrolment.organizationKey
        return identity
    }

    /// What this identity is, as an enrolment.
    var enrolment: Enrolment {
        Enrolment(
            node: node,
            network: network,
            networkKey: keys.network,
            userBaseKey: keys.userBase,
            organizationKey: keys.organization
        )
    }
}

extension Enrolment {
    /// What a request makes of this one: a key that is missing or all zero leaves the old one.
    func changed(by request: SetEnrollment) -> Enrolment {
        Enrolment(
            node: request.newNodeID,
            network: request.newNetworkID,
            networkKey: Self.key(request.newNetworkKey) ?? networkKey,
            userBaseKey: Self.key(request.newUserBaseKey) ?? userBaseKey,
            organizationKey: Self.key(request.newOrganizationKey) ?? organizationKey
        )
    }

    private static func key(_ bytes: FixedBytes<16>?) -> Key128? {
        guard let bytes, !bytes.isAll(0) else { return nil }
        return Key128(bytes.array)
    }
}
