public import ByteCoding

/// What a node hears from a radio.
@frozen
public enum RadioEvent: Equatable, Sendable {
    /// The radio works; the first event of every run.
    case ready(address: Address, capabilities: RadioCapabilities, handles: ServiceHandles)
    /// The radio learnt at run time that it can do less, or more, than `ready` said.
    case capabilitiesChanged(RadioCapabilities)
    /// The radio stopped working, with the cause in controller terms; all links are gone.
    case failed(HCIStatus)
    /// An advertisement was heard; RSSI in dBm.
    case advertisement(address: Address, rssi: Int8, connectable: Bool, data: AdvertisingData)
    /// A link is up.
    case connected(
        token: ConnectToken,
        link: LinkID,
        role: LinkRole,
        address: Address,
        parameters: ConnectionParameters
    )
    /// A connect attempt ended without a link.
    case connectFailed(token: ConnectToken, reason: HCIStatus)
    /// Link encryption started, or the reason why not.
    case encrypted(link: LinkID, status: HCIStatus)
    /// The central wants to encrypt; answer with `answerKey`.
    case keyRequested(link: LinkID)
    /// The ATT MTU that now holds, at both ends.
    case mtu(link: LinkID, value: UInt16)
    /// Outcome of a service discovery; nil if the peer has no such service.
    case discovered(link: LinkID, service: Service, handles: ServiceHandles?)
    /// The peer wrote an own attribute; a request has been answered already.
    case written(link: LinkID, handle: AttributeHandle, value: AttributeValue, kind: WriteKind)
    /// The peer notified.
    case notified(link: LinkID, handle: AttributeHandle, value: AttributeValue)
    /// The peer answered the outstanding write request.
    case writeConfirmed(link: LinkID)
    /// Commands and notifications handed to the peer's link layer since the last such event.
    case sent(link: LinkID, count: UInt8)
    /// The peripheral asks for other parameters.
    case parametersRequested(link: LinkID, parameters: ConnectionParameters)
    /// Other parameters now hold.
    case parametersChanged(link: LinkID, parameters: ConnectionParameters)
    /// Signal strength of a link in dBm, at most every 0.5 s.
    case linkRSSI(link: LinkID, rssi: Int8)
    /// A link is gone.
    case disconnected(link: LinkID, reason: HCIStatus)
}
