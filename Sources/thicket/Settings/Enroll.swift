import ArgumentParser
import ByteCoding
import MeshConfiguration
import MeshControl
import MeshWire

/// Takes devices into a network (protocol §10.5).
struct Enroll: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enroll",
        abstract: "Take a device into the network by way of a node near it, or ask which devices are near.",
        discussion: """
            The nodes of the mesh look for the device by its serial number, and one that hears it hands it its id, its network \
            and the keys; then the device restarts and joins. Of the nodes asked, half leave it to others each time, so the \
            request is repeated until the device answers. A node of Thicket waits for that with 'network: 0' in its file.

            Keys are read from files that only their owner may read, such as 'thicket key generate' makes. The key of the \
            device is needed unless it is a node of the mesh already, or open to everybody.

            Exit codes: 0 done, 1 refused or nobody answered, 3 daemon not reachable, 65 bad key file.

            Examples:
              thicket enroll FMBBC --as 12 --key network.key --device-key device.key
              thicket enroll FMBBC --as 12 --key network.key --open
              thicket enroll --list FMBBC FMBBD
              thicket enroll FMBBC --remove
            """
    )

    @Argument(help: ArgumentHelp("The device, by its serial number.", valueName: "SERIAL"), transform: Enroll.serial)
    var devices: [SerialNumber] = []

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("Its id in the network.", valueName: "NODE"),
        transform: MeshNode.read
    )
    var newID: MeshNode?

    @Option(help: ArgumentHelp("The network; without it, that of the daemon's node.", valueName: "ID"))
    var network: UInt16?

    @Option(help: ArgumentHelp("File with the key of the network.", valueName: "FILE"), completion: .file())
    var key: String?

    @Option(help: ArgumentHelp("File with the key of the device.", valueName: "FILE"), completion: .file())
    var deviceKey: String?

    @Flag(help: "The device is open to everybody: it takes the all-zero key.")
    var open = false

    @Option(
        help: ArgumentHelp("Only this node is asked; without it, all are.", valueName: "NODE"),
        transform: MeshNode.read
    )
    var by: MeshNode?

    @Flag(help: "Leave the device alone if it is enrolled already.")
    var onlyNew = false

    @Flag(help: "Take the device out of its network.")
    var remove = false

    @Flag(help: "Only ask which of these devices, at most 11, nodes have heard.")
    var list = false

    @Option(help: ArgumentHelp("How long a node looks for the device, 1...127.", valueName: "SECONDS"))
    var timeout: UInt8 = 10

    // A device of other firmware may take 15 s for its own preparations.
    @Option(help: ArgumentHelp("How long to wait for the answer after that.", valueName: "SECONDS"))
    var wait: UInt16 = 20

    @OptionGroup var live: LiveOptions

    private static let devicesMax = 11
    /// Half the nodes that are asked leave it to others: until somebody has done it they are asked twice in this time.
    private static let round = Duration.seconds(6)

    /// A reader for arguments.
    static func serial(_ text: String) throws -> SerialNumber {
        // What wraps around 32 bits, or is written otherwise, is no serial number.
        guard let serial = try? SerialNumber(parsing: text), serial.text == text else {
            throw ValidationError("'\(text)' is no serial number: 5 or 7 of BCDFGHJKLMNPQRSTVWXYZ123456789")
        }
        return serial
    }

    func validate() throws {
        guard (1...127).contains(timeout) else { throw ValidationError("--timeout is 1...127 seconds") }
        guard wait <= 3600 else { throw ValidationError("--wait is 0...3600 seconds") }
        guard !(list && remove) else { throw ValidationError("--list and --remove contradict each other") }
        if list {
            guard (1...Self.devicesMax).contains(devices.count) else {
                throw ValidationError("--list takes one to \(Self.devicesMax) serial numbers")
            }
            return
        }
        guard !(open && deviceKey != nil) else {
            throw ValidationError("--open and --device-key contradict each other")
        }
        guard devices.count == 1 else { throw ValidationError("give one serial number") }
        guard remove || (newID != nil && key != nil) else {
            throw ValidationError("give --as and --key, the id and the key of the network for the device")
        }
    }

    func run() throws {
        if list { return try listDevices() }
        let device = devices[0]
        var mesh: MeshDialogue
        let request: EnrollmentMessage
        if remove {
            request = .removeEnrollment(device)
            mesh = try MeshDialogue(path: live.path)
        } else {
            var keys = try [key, deviceKey].map { try $0.map { FixedBytes<16>(try KeyFile.bytes(at: $0)) } ?? nil }
            if open { keys[1] = FixedBytes(repeating: 0) }
            mesh = try MeshDialogue(path: live.path)
            let own = UInt16(try mesh.ask("status").text("network"))
            request = .setEnrollment(
                SetEnrollment(
                    serialNumber: device,
                    newNodeID: newID?.id ?? .invalid,
                    newNetworkID: NetworkID(network ?? own ?? 0),
                    newNetworkKey: keys[0],
                    nodeKey: keys[1],
                    options: .init(timeoutSeconds: timeout, onlyIfUnenrolled: onlyNew)
                )
            )
        }
        guard let result = try answer(of: device, to: request, &mesh) else {
            throw ControlError(
                remove
                    ? "\(device) does not answer: it is no node of the mesh"
                    : "no node has enrolled \(device): none hears it and has a free connection, or it has another key"
            )
        }
        try tell(device, result.code, by: result.by)
    }

    /// What became of it, and which node says so; nil if nobody does.
    private func answer(
        of device: SerialNumber,
        to request: EnrollmentMessage,
        _ mesh: inout MeshDialogue
    ) throws -> (by: NodeID, code: EnrollmentCode)? {
        var result: (by: NodeID, code: EnrollmentCode)?
        let end = ContinuousClock.now + .seconds(Int(timeout) + Int(wait))
        while result == nil, ContinuousClock.now < end {
            try mesh.collect(message(request), for: min(Self.round, end - .now)) { bytes in
                // What a device says over its own link comes again, from the node that enrolled it.
                guard let answer = try? ModuleMessage(bytes: bytes), answer.sender.kind != .virtual else {
                    return false
                }
                switch answer.content {
                case .enrollment(.setEnrollmentResult(let told)) where told.serialNumber == device && !remove:
                    result = (answer.sender, told.code)
                case .enrollment(.removeEnrollmentResult(let told)) where told.serialNumber == device && remove:
                    result = (answer.sender, told.code)
                default: break
                }
                return result != nil
            }
        }
        return result
    }

    private func message(_ content: EnrollmentMessage) -> ModuleMessage {
        ModuleMessage(sender: NodeID(0), receiver: by?.id ?? .broadcast, content: .enrollment(content))
    }

    private func tell(_ device: SerialNumber, _ code: EnrollmentCode, by node: NodeID) throws {
        if live.json {
            var object = JSONObject(kind: remove ? "removal" : "enrolment")
            object.append("serial", text: device.text)
            object.append("by", integer: node.rawValue)
            object.append("code", integer: code.rawValue)
            object.append("done", .bool(code == .ok))
            Console.line(object.line)
            guard code == .ok else { throw ExitStatus.degraded.code }
        } else {
            guard code == .ok else { throw ControlError("\(device) refuses: \(Self.word(code))") }
            Console.line("\(device) \(remove ? "is no longer enrolled" : "is node \(newID.map { "\($0.id)" } ?? "-")")")
        }
    }

    private func listDevices() throws {
        var mesh = try MeshDialogue(path: live.path)
        var heard: [SerialNumber: [NodeID]] = [:]
        try mesh.collect(message(.requestProposals(PackedList(devices))), for: .seconds(Int(timeout))) { bytes in
            guard let answer = try? ModuleMessage(bytes: bytes),
                case .enrollment(.requestProposalsResult(let serial)) = answer.content, devices.contains(serial),
                heard[serial]?.contains(answer.sender) != true
            else { return false }
            heard[serial, default: []].append(answer.sender)
            return false
        }
        for device in devices {
            let nodes = (heard[device] ?? []).sorted()
            if live.json {
                var object = JSONObject(kind: "proposal")
                object.append("serial", text: device.text)
                object.append("heard_by", .list(nodes.map { .unsigned(UInt64($0.rawValue)) }))
                Console.line(object.line)
            } else {
                let names = nodes.map { "\($0)" }.joined(separator: ", ")
                Console.line("\(device) is heard by \(nodes.isEmpty ? "no node that tells" : names)")
            }
        }
        guard !heard.isEmpty else { throw ExitStatus.degraded.code }
    }

    /// A refusal in words.
    static func word(_ code: EnrollmentCode) -> String {
        switch code {
        case .alreadyEnrolled: "it is enrolled already, with other data"
        case .preEnrollmentFailed: "a part of it was not ready"
        case .nodeIDOutOfRange: "it cannot have such a node id"
        default: "it cannot keep that now, code \(code.rawValue)"
        }
    }
}
