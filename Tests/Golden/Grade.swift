/// How far a vector file is answered.
///
/// *Exact*: every recorded value follows from the recorded inputs. *Driven*: a node of ours, in the place of each recorded
/// node in turn, is told the packets of the others and the lines typed on it, and answers with the recorded bytes, in order on
/// each link, and with the recorded JSON lines. *Decode-only*: bytes are read and written as recorded, nothing more is claimed.
///
/// What a driven node cannot know from its inputs is set beforehand, by inputs alone:
///
/// | set beforehand                     | from                                                        | file             |
/// |------------------------------------|-------------------------------------------------------------|------------------|
/// | cluster id, size, hops to the sink | own WELCOME; for a refusal an equal id, then a bigger size  | `mesh_handshake` |
/// | changes of them on other links     | own CLUSTER_INFO_UPDATE that the node does not write itself | `mesh_handshake` |
/// | cluster size, hops to the sink     | number of `nodes`, `hopsToSink`                             | `terminal`       |
/// | link role                          | every choice, one incoming link at most                     | `terminal`       |
/// | averaged RSSI, neighbours heard    | printed answer; later averages count as the first           | `terminal`       |
/// | counters, uptime, cluster id       | printed answer                                              | `terminal`       |
/// | phase of the main timer            | every choice, in steps of 50 ms                             | `terminal`       |
/// | chip id, identity record           | `nodes`, the recorded build                                 | `terminal`       |
///
/// Times, the order between links, `decoded`, printed text, live reports and proposals are not compared. How long a packet was on its way
/// is not recorded: some delays are tried.
struct Grade: Sendable {
    /// Answers one case and notes every difference.
    var check: @Sendable (_ recorded: JSONValue, _ result: inout CaseResult) throws -> Void

    /// Terminal commands; lines of modules that we do not offer are decode-only.
    private static func terminal(isDriven: @escaping @Sendable (String) -> Bool) -> Grade {
        Grade { recorded, result in
            let recording = try TerminalRecording(recorded)
            DecodeOnly.checkPackets(recording, &result)
            if recording.lines.allSatisfy(isDriven) {
                DrivenTerminal.check(recording, &result)
            } else {
                result.isDecodeOnly = true
                DecodeOnly.checkRequests(recording, &result)
            }
        }
    }

    private static let offered: @Sendable (String) -> Bool = { !CommandPattern.isDecodeOnly($0) }

    /// Every file and its grade.
    static let files: [String: Grade] = [
        "access_encryption_handshake.json": Grade(check: ExactAccessHandshake.check),
        "aes128_block.json": Grade(check: ExactCrypto.block),
        "cluster_id.json": Grade(check: ExactFormats.clusterID),
        "cluster_score.json": Grade(check: ExactFormats.clusterScore),
        "crc.json": Grade(check: ExactFormats.crc),
        "join_me_advertising.json": Grade(check: ExactFormats.joinMe),
        "mesh_handshake.json": Grade(check: DrivenLinks.handshake),
        "mesh_handshake_rejected.json": Grade(check: DrivenLinks.refusal),
        "mesh_reconnect.json": Grade(check: DrivenLinks.reconnect),
        "packet_encryption.json": Grade(check: ExactCrypto.packetEncryption),
        "restrained_key.json": Grade(check: ExactCrypto.restrainedKey),
        "serial_number_from_index.json": Grade(check: ExactFormats.serialFromIndex),
        "serial_number_parse.json": Grade(check: ExactFormats.serialParse),
        "session_key.json": Grade(check: ExactCrypto.sessionKey),
        "split_packets.json": Grade(check: ExactFormats.splitPackets),
        "terminal_crc.json": terminal(isDriven: offered),
        "terminal_other.json": terminal(isDriven: CommandPattern.isDrivenOther),
        "terminal_ping.json": terminal(isDriven: offered),
        "terminal_raw_data.json": terminal(isDriven: offered),
        "terminal_routing.json": terminal(isDriven: offered),
        "terminal_status_reporter.json": terminal(isDriven: offered),
        "terminal_time_sync.json": terminal(isDriven: offered),
        "user_derived_key.json": Grade(check: ExactCrypto.userDerivedKey),
    ]
}
