public import MeshWire

/// Lines about what happens at the own node, which no message causes.
extension MeshJSON {
    /// A command was accepted.
    public static let acknowledgement = #"{"type":"error","code":0,"text":"OK"}"#

    /// The corruption check is on from the next line.
    static let corruptionCheckEnabled = #"{"type":"enable_corruption_check_response","err":0,"check":"crc32"}"#

    /// A command was not accepted.
    static func failure(_ error: TerminalError, line: String) -> String {
        #"{"type":"error","code":\#(error.rawValue),"text":\#(quoted(error.text(for: line)))}"#
    }

    /// The terminal has started.
    public static let initialized = #"{"type":"init"}"#

    /// Why the node booted, printed behind ``initialized``.
    ///
    /// - Parameters:
    ///   - reason: The reason that survived the reboot.
    ///   - version: Version of the node, 10,000,000 major + 10,000 minor + patch.
    ///   - bootloaderVersion: Version of the boot loader, 0 if there is none.
    /// - Returns: The line.
    public static func reboot(_ reason: RebootReason, version: UInt32, bootloaderVersion: UInt32) -> String {
        #"{"type":"reboot","reason":\#(reason.reason.rawValue),"code1":\#(reason.code1),"#
            + #""stack":\#(reason.stack.first ?? 0),"version":\#(version),"blversion":\#(bootloaderVersion)}"#
    }

    /// The answer to `get_plugged_in`.
    public static func pluggedIn(node: NodeID, serialNumber: SerialNumber, version: UInt32) -> String {
        #"{"type":"plugged_in","nodeId":\#(node),"serialNumber":"\#(serialNumber)","fmVersion":\#(version)}"#
    }

    /// A handshake has made one cluster of two.
    ///
    /// - Parameters:
    ///   - winner: Whether the cluster of this node swallowed the other.
    ///   - size: Nodes of the cluster afterwards.
    /// - Returns: The line.
    public static func clusterHandshake(winner: Bool, size: Int16) -> String {
        #"{"type":"cluster_handshake","winner":\#(winner ? 1 : 0),"size":\#(size)}"#
    }

    /// A mesh link to a partner is usable.
    public static func meshConnect(partner: NodeID) -> String {
        #"{"type":"mesh_connect","partnerId":\#(partner)}"#
    }

    /// A mesh link to a partner is lost.
    public static func meshDisconnect(partner: NodeID) -> String {
        #"{"type":"mesh_disconnect","partnerId":\#(partner)}"#
    }

    /// The cluster has this size after a loss.
    public static func clusterDisconnect(size: Int16) -> String {
        #"{"type":"cluster_disconnect","size":\#(size)}"#
    }

    /// A partner told a change of the cluster.
    public static func clusterUpdate(size: Int16, newID: ClusterID, hasMasterBit: Bool) -> String {
        #"{"type":"cluster_update","size":\#(size),"newId":\#(newID),"masterBit":\#(hasMasterBit ? 1 : 0)}"#
    }

    /// The JOIN_ME advertisement was rebuilt.
    public static func updateJoinMe(cluster: ClusterID, size: Int16) -> String {
        #"{"type":"update_joinme","clusterId":\#(cluster),"clusterSize":\#(size)}"#
    }

    /// A log line.
    public static func log(tag: String, file: String, line: Int, message: String) -> String {
        #"{"type":"log","tag":\#(quoted(tag)),"file":\#(quoted(file)),"line":\#(line),"message":\#(quoted(message))}"#
    }
}
