public import ByteCoding
public import MeshConfiguration
public import MeshCore
import MeshCrypto
public import MeshWire
public import RadioPort

/// Many nodes on one air, in discrete simulated time.
///
/// The radio profile decides what nodes hear and when it is their turn; nodes that have nothing to do cost nothing.
///
/// One seed gives everything; separate streams are derived for each node and for what it hears, so that adding a node does not
/// reshuffle the rest.
public struct Simulation: Sendable {
    /// How the run is watched.
    public struct Options: Sendable {
        /// How every node behaves.
        public var configuration = Configuration()
        /// The key that all nodes share.
        public var networkKey = NodeKeys().network
        /// The radio model.
        public var radio = RadioProfile.standard
        /// How the air of the `ble` radio is.
        public var lowEnergy = LowEnergySettings()
        /// Whether radios encrypt links; if not, the nodes seal what they write themselves.
        public var linkEncryption = true
        /// Nodes whose inputs are kept for whoever takes them.
        public var recorded: Set<NodeID> = []
        /// Whether the messages that reach nodes are kept until they are taken.
        public var keepsDeliveries = false
        /// Whether what radios tell their nodes is kept until it is taken.
        public var keepsRadioEvents = false
        /// Whether it is noted what the radios spend.
        public var keepsBooks = false
        /// What is checked after every turn; a violation stops the run.
        public var invariants: Set<Invariant> = []
        /// Whether any invariant is checked; setting it chooses all that the clustering mode has, or none.
        public var checksInvariants: Bool {
            get { !invariants.isEmpty }
            set {
                invariants = newValue ? Set(Invariant.allCases.filter { $0.holds(in: configuration.clustering) }) : []
            }
        }

        /// Nothing is watched.
        public init() {}

        /// Nodes that behave as a scenario says; nothing is watched.
        public init(_ scenario: ScenarioFile) {
            configuration = scenario.network.behaviour
            networkKey = Key128(scenario.network.key) ?? networkKey
            radio = scenario.radio
            lowEnergy = scenario.lowEnergy
            linkEncryption = scenario.network.linkEncryption
        }
    }

    /// What nodes thought, when, and which node by index; in the order of events.
    public typealias Traces = ContiguousArray<(at: Instant, node: Int, event: TraceEvent)>

    /// Where the nodes stand.
    public let placement: Placement
    /// The seed that everything is drawn from.
    public let seed: UInt64
    let options: Options

    var nodes: ContiguousArray<Node>
    /// Whether a node has power.
    public internal(set) var isPowered: ContiguousArray<Bool>
    var air: Air
    /// When each node has to run timers, as of the last time it was asked.
    private var deadlines: ContiguousArray<Instant?>
    /// Whether a node was told anything since.
    private var wasTold: ContiguousArray<Bool>
    /// Whether a node is told of advertisements when it has something else to do.
    private var hearsLate: ContiguousArray<Bool>
    /// Whether a node has power but has not booted yet.
    var awaitsBoot: ContiguousArray<Bool>
    /// What stands between radios and nodes.
    var disturbances: Disturbances
    /// Nodes of which somebody wants to see every event when it happens.
    private var isWatched: ContiguousArray<Bool>
    var outputs = Outputs()
    var formation: FormationCounter
    var random: SeededGenerator

    /// Every output so far.
    public internal(set) var digest = OutputDigest()
    /// Successful link-layer connections of any kind.
    public var linksMade: Int { air.linksMade }
    /// Turns given to nodes so far.
    public internal(set) var turns = 0
    /// Advertisements received so far.
    public var receptions: Int { air.receptions }
    /// Trace values since they were last taken, if the configuration asks for them.
    public internal(set) var traces: Traces = []
    /// Inputs of recorded nodes since they were last taken, with what came of them.
    var inputs: ContiguousArray<NodeInput> = []
    /// Messages that reached nodes since they were last taken, if the options want them.
    public internal(set) var deliveries: ContiguousArray<(at: Instant, node: Int, message: InlineBytes<200>)> = []
    /// What radios told their nodes since it was last taken, if the options want it.
    var radioEvents: ContiguousArray<(at: Instant, node: Int, event: RadioEvent)> = []
    /// What went wrong first, if invariants are checked.
    public internal(set) var violation: Violation?
    var checker: InvariantChecker?
    /// Messages that are followed from sender to receiver, if there are any.
    var traffic: Traffic?
    /// The messages of a scenario, if it has any.
    var courier: Courier?
    /// What the radios spend, if anybody wants to know.
    var ledger: RadioLedger?
    /// Nodes that do not run and cannot be switched on.
    var isDormant: ContiguousArray<Bool>
    /// Nodes whose radios somebody else has: what they hear is thrown away.
    var isPuppet: ContiguousArray<Bool>
    /// Nodes that shall be one cluster with others.
    var isMember: ContiguousArray<Bool>

    /// Nodes at their places, powered on at time 0.
    public init(placement: Placement, seed: UInt64, options: Options = Options()) {
        self.placement = placement
        self.seed = seed
        self.options = options
        let count = placement.sites.count
        nodes = []
        nodes.reserveCapacity(count)
        for (index, site) in placement.sites.enumerated() {
            var identity = Identity(node: site.id, network: site.network)
            identity.keys.network = site.key ?? options.networkKey
            if !site.isEnrolled {
                identity.network = .notEnrolled
                identity.keys.network = .unset
            }
            identity.deviceType = site.isSink ? .sink : .static
            nodes.append(
                Node(
                    identity: identity,
                    configuration: options.configuration,
                    seed: Self.seed(of: index, in: seed),
                    cipher: AES128.cipher
                )
            )
        }
        isPowered = ContiguousArray(repeating: true, count: count)
        deadlines = ContiguousArray(repeating: nil, count: count)
        wasTold = ContiguousArray(repeating: true, count: count)
        hearsLate = ContiguousArray(repeating: false, count: count)
        awaitsBoot = ContiguousArray(repeating: false, count: count)
        disturbances = Disturbances(seed: seed, linkEncryption: options.linkEncryption)
        let watchesAll = options.keepsRadioEvents || !options.linkEncryption
        isWatched = ContiguousArray(placement.sites.map { watchesAll || options.recorded.contains($0.id) })
        air = Air(placement: placement, seed: seed, options: options)
        formation = FormationCounter(placement: placement)
        random = SeededGenerator(seed: seed, stream: Streams.failures)
        checker = options.checksInvariants ? InvariantChecker(placement: placement) : nil
        isDormant = ContiguousArray(placement.sites.map { $0.standing == .puppet })
        isMember = ContiguousArray(placement.sites.map(\.isMember))
        isPuppet = ContiguousArray(repeating: false, count: count)
        ledger = options.keepsBooks ? RadioLedger(isPowered: ContiguousArray(isDormant.map { !$0 })) : nil
        for index in 0..<count {
            if !isMember[index] { formation.setCounted(index, false) }
            if isDormant[index] {
                isPowered[index] = false
                air.powerOff(index)
            } else if let delay = air.bootDelay(of: index) {
                awaitsBoot[index] = true
                air.endTurn(of: index, deadline: Instant(microseconds: delay))
            } else {
                boot(index, reason: 0)
            }
        }
    }

    /// The seed of the node at an index.
    static func seed(of index: Int, in seed: UInt64) -> UInt64 {
        Streams.seed(of: seed, stream: Streams.nodes + UInt64(index))
    }

    private static let firstAddress: UInt64 = 0xC000_0000_0001

    /// The address of the node at an index.
    static func address(of index: Int) -> Address {
        Address(value: firstAddress + UInt64(index), kind: .random)
    }

    /// Index of the node with an address; nil if nobody has it.
    public func node(at address: Address) -> Int? {
        guard address.kind == .random, address.value >= Self.firstAddress,
            address.value - Self.firstAddress < UInt64(count)
        else { return nil }
        return Int(address.value - Self.firstAddress)
    }

    // MARK: - State

    /// Simulated time: the start of the step that comes next.
    public var now: Instant { air.now }

    /// Number of nodes.
    public var count: Int { nodes.count }

    /// A node, to look at.
    public subscript(index: Int) -> Node {
        var node = nodes[index]
        air.remind(&node, at: index)
        return node
    }

    /// Index of the node that a place has been given the id of, in the first network that has it; nil if there is none.
    public func index(of node: NodeID) -> Int? { placement.sites.firstIndex { $0.id == node } }

    /// Index of the node that its partners know by an id: that of its place, or the one that it was enrolled with.
    func index(knownAs node: NodeID) -> Int? {
        if let index = index(of: node), nodes[index].identity.node == node { return index }
        return nodes.indices.first { nodes[$0].identity.node == node }
    }

    /// Nodes that have power and belong to the network of their place.
    public var memberCount: Int { nodes.indices.count { isPowered[$0] && isMember[$0] } }

    /// Whether every powered node that can be heard is in one cluster with all others of its network.
    public var isFormed: Bool { formation.isFormed(nodes) }

    // MARK: - Running

    /// Runs one step of the radio model.
    public mutating func step() {
        let end = now.advanced(byMicroseconds: air.stepMicroseconds)
        while let index = air.nextTurn(before: end) {
            turn(index)
            if violation != nil { return }
        }
        if checker != nil, now.microseconds % Self.quietCheckPeriod < air.stepMicroseconds {
            checkSizesIfQuiet()
        }
    }

    /// Sizes are compared once a simulated second.
    private static let quietCheckPeriod: UInt64 = 1_000_000

    /// Runs to a time, or to the first violation.
    public mutating func run(until end: Instant) {
        while now < end, violation == nil {
            step()
        }
    }

    /// Runs until formed, at most to a limit; `isInterrupted` is asked before every step.
    ///
    /// - Returns: the time of the step after which all was formed; nil if it was not.
    public mutating func runUntilFormed(limit: Instant, isInterrupted: () -> Bool = { false }) -> Instant? {
        while now < limit, violation == nil, !isInterrupted() {
            let start = now
            step()
            if isFormed { return start }
        }
        return nil
    }

    private mutating func turn(_ index: Int) {
        guard isPowered[index] else {
            if isPuppet[index] { ignore(index) }
            return
        }
        turns += 1
        if awaitsBoot[index] {
            boot(index, reason: 0)
            return
        }
        if air.mustHear(index) { hear(.earlier, at: index) }
        noteNode(index)
        if let deadline = deadlines[index], deadline <= now, disturbances.hostRuns(index, at: now) {
            handle(.wake, node: index, at: now)
        }
        air.beginTurn(of: index)
        while let event = air.nextEvent(for: index) {
            hear(.beforeEvent, at: index)
            receive(event, at: now, node: index)
        }
        if !hearsLate[index] { hear(.all, at: index) }
        if disturbances.isActive { tellWhatIsDue(to: index) }
        noteNode(index)
        air.endTurn(of: index, deadline: disturbances.nextTurn(of: index, deadline: deadlines[index]))
        if checker != nil {
            checkInvariants(around: index)
        }
    }

    /// Looks what a node counts and waits for, if it was told anything since.
    private mutating func noteNode(_ index: Int) {
        guard wasTold[index] else { return }
        wasTold[index] = false
        formation.update(index, size: nodes.span[index].clusterSize)
        deadlines[index] = nodes.span[index].nextDeadline
        hearsLate[index] = air.tellsLate && nodes.span[index].hearsLater && !isWatched[index]
        air.setHearing(
            of: index,
            isLate: hearsLate[index],
            origin: nodes.span[index].bootedAt,
            tickMicroseconds: nodes.span[index].configuration.timing.tick
        )
    }

    /// Tells a node some of the advertisements that its radio received.
    @inline(__always)
    mutating func hear(_ part: HeardPart, at index: Int) {
        guard air.hasHeard(index) else { return }
        hearSome(part, at: index)
    }

    private mutating func hearSome(_ part: HeardPart, at index: Int) {
        if isWatched[index] {
            while let (event, at) = air.nextHeard(part, of: index) {
                receive(event, at: at, node: index)
            }
            return
        }
        while air.tell(&nodes[index], at: index, part, into: &outputs) > 0 {
            wasTold[index] = true
            carryOut(index, at: now)
        }
    }

    /// Tells a node what its radio tells, unless something is between the two.
    private mutating func receive(_ event: RadioEvent, at instant: Instant, node index: Int) {
        // What was heard before there was a disturbance is past it.
        if disturbances.isActive, instant == now {
            disturb(event, for: index)
        } else {
            handle(.radio(event), node: index, at: instant)
        }
    }

    /// Lets all nodes be told everything when it happens: what comes between them and their radios must see it.
    mutating func watchEverybody() {
        for index in isWatched.indices where !isWatched[index] {
            isWatched[index] = true
            wasTold[index] = true
            noteNode(index)
        }
    }

    /// The turn of a radio whose owner does not listen.
    private mutating func ignore(_ index: Int) {
        air.beginTurn(of: index)
        while air.nextEvent(for: index) != nil {}
        air.endTurn(of: index, deadline: nil)
    }

    /// Tells a node something and carries out what it wants.
    mutating func handle(_ input: Input, node index: Int, at now: Instant) {
        hear(.earlier, at: index)
        tell(input, node: index, at: now)
        carryOut(index, at: now)
    }

    /// Carries out what a node wants.
    private mutating func carryOut(_ index: Int, at now: Instant) {
        guard !outputs.isEmpty else { return }
        let id = placement.sites[index].id.rawValue
        var restartReason: UInt8?
        var command = 0
        var other = 0
        while true {
            guard other < outputs.others.count, outputs.others[other].position <= command else {
                guard command < outputs.commands.count else { break }
                carryOut(outputs.commands[command], of: index, id: id, at: now)
                command += 1
                continue
            }
            let output = outputs.others[other].output
            other += 1
            digest.add(output, node: id, at: now)
            switch output {
            case .radio: break
            case .deliver(let message):
                traffic?.arrived(message, at: index)
                courier?.arrived(message, at: index, now: now)
                if options.keepsDeliveries { deliveries.append((now, index, message)) }
                guard checker != nil else { break }
                let sender = message.count > 2 ? UInt16(message[1]) | UInt16(message[2]) << 8 : 0
                let isSender = sender == nodes[index].identity.node.rawValue
                let losses = nodes[index].connectionLossCounter
                checker?.delivered(message, to: index, isSender: isSender, losses: losses)
            // The node keeps it itself over a restart here.
            case .persist: break
            case .restart(let reason): restartReason = reason
            case .needsEntropy: provideEntropy(to: index)
            case .trace(let event): traces.append((now, index, event))
            }
        }
        outputs.removeAll()
        if let restartReason {
            reboot(index, reason: restartReason)
        }
    }

    @inline(__always)
    private mutating func carryOut(_ command: RadioCommand, of index: Int, id: UInt16, at now: Instant) {
        digest.add(command, node: id, at: now)
        if disturbances.isActive { submit(command, by: index) } else { air.perform(command, by: index) }
        ledger?.note(command, by: index, at: now)
    }

    /// Nonces come from the seed here, from the system in a daemon.
    private mutating func provideEntropy(to index: Int) {
        var bytes = InlineBytes<32>()
        for _ in 0..<4 {
            let word = air.entropy(for: index)
            for shift in 0..<8 {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift * 8)))
            }
        }
        tell(.entropy(bytes), node: index, at: now)
    }

    private mutating func tell(_ input: Input, node index: Int, at now: Instant) {
        let before = outputs.count
        if ledger != nil || options.keepsRadioEvents, case .radio(let event) = input {
            ledger?.note(event, at: index, now: now)
            if options.keepsRadioEvents { radioEvents.append((now, index, event)) }
        }
        nodes[index].handle(input, at: now, into: &outputs)
        wasTold[index] = true
        guard !options.recorded.isEmpty, options.recorded.contains(placement.sites[index].id) else { return }
        inputs.append(NodeInput(node: index, at: now, input: input, outputs: Array(outputs.items.dropFirst(before))))
    }

    /// Takes the trace values collected so far.
    public mutating func takeTraces() -> Traces {
        let taken = traces
        traces.removeAll(keepingCapacity: true)
        return taken
    }

    /// Takes what radios told their nodes so far, with the node's index; in the order of events.
    public mutating func takeRadioEvents() -> ContiguousArray<(at: Instant, node: Int, event: RadioEvent)> {
        let taken = radioEvents
        radioEvents.removeAll(keepingCapacity: true)
        return taken
    }

    /// The address of the radio of the node at an index.
    public func address(of index: Int) -> Address { Self.address(of: index) }

    /// Takes the messages that reached nodes so far.
    public mutating func takeDeliveries() -> ContiguousArray<(at: Instant, node: Int, message: InlineBytes<200>)> {
        let taken = deliveries
        deliveries.removeAll(keepingCapacity: true)
        return taken
    }

    /// Tells a node something from outside, between two steps; nothing if it has no power.
    public mutating func feed(_ input: Input, to index: Int) {
        guard isPowered[index] else { return }
        handle(input, node: index, at: now)
        air.ask(index)
    }
}
