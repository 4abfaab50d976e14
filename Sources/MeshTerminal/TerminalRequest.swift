public import ByteCoding
public import MeshWire

/// What a command asks its own node to do.
public enum TerminalRequest: Equatable, Sendable {
    /// Sends a message as it is; one for the own node or for everybody also comes back by local loopback.
    case send(MessageBytes)
    /// Makes the node a time master, with seconds since 1970 and the offset of the local time in minutes.
    case setTime(unix: UInt32, offsetMinutes: Int16)
    /// Prints ``TerminalText/time(unix:offsetMinutes:isSet:ticks:)``.
    case printTime
    /// Prints the state of the node for people.
    case printStatus
    /// Prints the JOIN_ME buffer for people.
    case printJoinMeBuffer
    /// Prints ``MeshJSON/pluggedIn(node:serialNumber:version:)``.
    case printPluggedIn
    /// Prints the advertising jobs for people.
    case printAdvertisingJobs
    /// Prints the scan jobs for people.
    case printScanJobs
    /// Starts or ends the log of received advertisements.
    case toggleScanLog
    /// Reboots.
    case reset(afterDeciseconds: UInt16)
    /// Starts or stops discovery.
    case discovery(isEnabled: Bool)
    /// Closes all links, with disconnect reason 13.
    case disconnectAll
    /// Closes the link with a handle, with disconnect reason 13.
    case disconnect(handle: UInt16)
    /// Closes the link with a handle in the radio alone.
    case disconnectRadio(handle: UInt16)
    /// Opens a MeshAccess link to a device, which lets this node into the mesh of the device.
    case connectMeshAccess(BleGapAddress, key: FmKeyID)
    /// Logs MeshAccess advertisements of devices whose serial number contains a text; nil for all.
    case logMeshAccess(serialNumberPart: String?)
    /// Scans all the time for a number of seconds; nil for as long as the node sees fit.
    case scanBoost(seconds: UInt16?)
    /// Chooses which log lines are printed.
    case log(TerminalLogSelection)
}

/// Which log lines a node prints besides errors and warnings.
public enum TerminalLogSelection: Equatable, Sendable {
    /// Those of every tag.
    case all
    /// Those of no tag.
    case none
    /// Those of one tag too, or no more.
    case toggle(tag: String)
}
