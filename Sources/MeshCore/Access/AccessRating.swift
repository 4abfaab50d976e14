public import ByteCoding
public import MeshWire

/// What may become of a message on a MeshAccess link; of several ratings the highest wins (protocol §6.9).
@frozen
public enum AccessRating: UInt8, Comparable, Sendable {
    /// No rule spoke for it: dropped.
    case undetermined = 0
    /// Processed and, if the tunnel permits, relayed.
    case whitelist = 1
    /// Processed by the receiving node only.
    case localOnly = 2
    /// Dropped whatever other rules say.
    case blacklist = 3

    /// Whether the message may pass at all.
    public var isAllowed: Bool { self == .whitelist || self == .localOnly }

    /// Compares by number.
    public static func < (left: AccessRating, right: AccessRating) -> Bool { left.rawValue < right.rawValue }
}

/// Rates messages of one MeshAccess link after the key of its handshake (protocol §6.9).
///
/// Each module of a node has its own rules; ``rating(of:)`` asks all and takes the highest answer.
public struct AccessAuthorization: Sendable {
    /// Which way a message goes.
    public enum Direction: Sendable {
        /// From the partner to this node.
        case incoming
        /// From this node to the partner.
        case outgoing
    }

    /// Which way the messages go.
    public var direction: Direction
    /// The key of the link.
    public var keyID: FmKeyID
    /// Whether this node is enrolled.
    public var isEnrolled: Bool
    /// Whether this node knows the time.
    public var knowsTime: Bool

    /// Rules from the state that they depend on.
    public init(direction: Direction, keyID: FmKeyID, isEnrolled: Bool, knowsTime: Bool) {
        self.direction = direction
        self.keyID = keyID
        self.isEnrolled = isEnrolled
        self.knowsTime = knowsTime
    }

    /// The highest rating of all rules; a message that is too short for its header is undetermined.
    public func rating(of message: MessageBytes) -> AccessRating {
        guard let header = try? MessageHeader(bytes: message) else { return .undetermined }
        let rating = max(linkRating(header.type), timeRating(header.type), dataRating(header.type))
        guard let module = try? ModuleHeader(bytes: message), module.type.carriesModuleHeader else { return rating }
        return max(rating, moduleRating(module), connectRating(module, message))
    }

    /// By message type and key alone.
    private func linkRating(_ type: MessageType) -> AccessRating {
        switch type {
        case .encryptCustomStart, .encryptCustomANonce, .encryptCustomSNonce, .encryptCustomDone: return .whitelist
        case .deadData: return .localOnly
        default: break
        }
        switch keyID {
        case .network: return .whitelist
        case .node: return .localOnly
        case .organization: return direction == .outgoing ? .whitelist : .undetermined
        case .zero, .restrained: return .undetermined
        case _ where keyID.isUserDerived: return .undetermined
        default: return .blacklist
        }
    }

    private func timeRating(_ type: MessageType) -> AccessRating {
        guard type == .updateTimestamp || type == .timeSync else { return .undetermined }
        return knowsTime && keyID != .network ? .blacklist : .whitelist
    }

    private func dataRating(_ type: MessageType) -> AccessRating {
        switch (type, keyID) {
        case (.moduleRawData, .network), (.moduleRawDataLight, .network): .whitelist
        case (.moduleRawData, .node), (.moduleRawDataLight, .node): .localOnly
        case (.componentSense, .organization), (.capability, .organization): .whitelist
        default: .undetermined
        }
    }

    private func moduleRating(_ header: ModuleHeader) -> AccessRating {
        guard case .plain(let module) = header.module else { return .undetermined }
        let action = header.actionType
        switch (module, header.type) {
        case (.statusReporter, .componentAct), (.statusReporter, .componentSense):
            return .whitelist
        case (.statusReporter, .moduleTriggerAction), (.statusReporter, .moduleActionResponse):
            return keyID == .organization && Self.openStatusActions.contains(action) ? .whitelist : .undetermined
        case (.io, .moduleTriggerAction):
            return keyID == .organization && Self.openIoActions.contains(action) ? .whitelist : .undetermined
        case (.beaconing, .moduleTriggerAction):
            return keyID == .organization && Self.openBeaconingActions.contains(action) ? .whitelist : .undetermined
        case (.enrollment, .moduleActionResponse):
            return .localOnly
        case (.enrollment, .moduleTriggerAction):
            guard direction == .incoming else { return .whitelist }
            return isEnrolled ? .undetermined : .localOnly
        default:
            return .undetermined
        }
    }

    /// A `serial_connect` request without a key would be made with a key of the asked node: never over MeshAccess.
    private func connectRating(_ header: ModuleHeader, _ message: MessageBytes) -> AccessRating {
        guard header.module == .plain(.meshAccess), header.type == .moduleTriggerAction,
            header.actionType == Self.serialConnectAction, message.count >= Self.serialConnectKey.upperBound
        else { return .undetermined }
        return Self.serialConnectKey.allSatisfy { message[$0] == 0xFF } ? .blacklist : .undetermined
    }

    /// Status 1, set_init 5, errors 6, reboot reason 8, keep alive 9, device info 10, time reporting 13, gateway status 14.
    private static let openStatusActions: [UInt8] = [1, 5, 6, 8, 9, 10, 13, 14]
    /// LED 3 and identification 4.
    private static let openIoActions: ClosedRange<UInt8> = 3...4
    /// Add 0, set 1 and remove 2.
    private static let openBeaconingActions: ClosedRange<UInt8> = 0...2
    private static let serialConnectAction: UInt8 = 2
    /// Where the key lies in a `serial_connect` request.
    private static let serialConnectKey = 16..<32
}

extension MessageType {
    /// Whether a module header starts a message of this type.
    fileprivate var carriesModuleHeader: Bool {
        switch self {
        case .moduleConfig, .moduleTriggerAction, .moduleActionResponse, .moduleGeneral, .moduleRawData,
            .moduleRawDataLight, .componentAct, .componentSense:
            true
        default: false
        }
    }
}
