public import RadioPort

/// The radio port in memory: what one radio was told, and what it has to say.
///
/// It knows nothing of the air. A simulator reads ``advertising``, ``scan``, ``attempt`` and the queues of ``links``, decides
/// who hears what, and puts the events into the ``inbox``, from where they reach the node.
public struct FakeRadio: Sendable {
    /// The radio's own address.
    public let address: Address
    /// What is on air; nil while not advertising.
    public var advertising: Advertising?
    /// The scan; nil while not scanning.
    public private(set) var scan: ScanTiming?
    /// The connect attempt under way.
    public var attempt: Attempt?
    /// Links of this radio, oldest first.
    public private(set) var links: ContiguousArray<FakeLinkEnd> = []
    /// Events for the node, oldest first.
    public var inbox = FakeInbox()
    private var lastLink: UInt32 = 0

    /// What a fake radio can do.
    public static let capabilities = RadioCapabilities(
        linksAsCentral: 3,
        linksAsPeripheral: 3,
        dualRole: true,
        advertiseWhileLinked: true,
        linkEncryption: true,
        dataLength: true,
        extendedAdvertising: false,
        mtuMax: 63
    )

    /// Attribute handles of every fake radio.
    public static let handles = ServiceHandles(
        meshValue: AttributeHandle(rawValue: 0x000E),
        accessReceive: AttributeHandle(rawValue: 0x0011),
        accessTransmit: AttributeHandle(rawValue: 0x0013),
        accessConfiguration: AttributeHandle(rawValue: 0x0014)
    )

    /// What is advertised.
    public struct Advertising: Sendable {
        /// The payload.
        public var data: AdvertisingData
        /// Whether links are accepted.
        public var connectable: Bool
        /// Advertising interval in microseconds.
        public var intervalMicroseconds: UInt32

        /// What to advertise, from its fields.
        public init(data: AdvertisingData, connectable: Bool, intervalMicroseconds: UInt32) {
            self.data = data
            self.connectable = connectable
            self.intervalMicroseconds = intervalMicroseconds
        }
    }

    /// A connect attempt.
    public struct Attempt: Sendable {
        /// The node's token.
        public var token: ConnectToken
        /// Whom it wants to reach.
        public var address: Address
        /// Link parameters.
        public var parameters: ConnectionParameters
        /// Scanning meanwhile.
        public var scan: ScanTiming
        /// When it ends.
        public var deadline: Instant

        /// An attempt from its fields.
        public init(
            token: ConnectToken,
            address: Address,
            parameters: ConnectionParameters,
            scan: ScanTiming,
            deadline: Instant
        ) {
            self.token = token
            self.address = address
            self.parameters = parameters
            self.scan = scan
            self.deadline = deadline
        }
    }

    /// A radio that has just been powered on.
    public init(address: Address) {
        self.address = address
        inbox.append(
            .event(.ready(address: address, capabilities: Self.capabilities, handles: Self.handles))
        )
    }

    /// The same radio after a restart of its node: nothing is on, link numbers go on.
    public init(address: Address, after earlier: FakeRadio) {
        self.init(address: address)
        lastLink = earlier.lastLink
    }

    /// Takes a command that concerns this radio alone; false if it concerns the air or a link.
    public mutating func apply(_ command: RadioCommand) -> Bool {
        switch command {
        case .advertise(let data, _, let connectable, let interval):
            advertising = Advertising(data: data, connectable: connectable, intervalMicroseconds: interval)
        case .stopAdvertising:
            advertising = nil
        case .scan(let timing):
            scan = timing
        case .stopScan:
            scan = nil
        case .setDataLength, .updateParameters:
            break
        default:
            return false
        }
        return true
    }

    /// Begins a connect attempt, which ends the scan.
    public mutating func begin(_ attempt: Attempt) {
        scan = nil
        self.attempt = attempt
    }

    /// A link is up: gives it the next number of this radio.
    public mutating func addLink(record: Int32) -> LinkID {
        lastLink += 1
        let id = LinkID(rawValue: lastLink)
        links.append(FakeLinkEnd(id: id, record: record))
        return id
    }

    /// Forgets a link.
    public mutating func removeLink(record: Int32) {
        links.removeAll { $0.record == record }
    }

    /// The simulator's number of a link, nil if there is no such link (any more).
    public func record(of link: LinkID) -> Int32? {
        for index in links.indices where links[index].id == link {
            return links[index].record
        }
        return nil
    }
}

/// One end of a link.
public struct FakeLinkEnd: Sendable {
    /// The link in this radio's numbering.
    public let id: LinkID
    /// The link in the simulator's numbering.
    public let record: Int32

    /// One end of a link.
    public init(id: LinkID, record: Int32) {
        self.id = id
        self.record = record
    }
}
