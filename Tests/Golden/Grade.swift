/// How far a vector file is answered.
///
/// *Exact*: every recorded value follows from the recorded inputs. *Driven*: a node of ours, in the place of each recorded
/// node, answers with the recorded bytes. *Decode-only*: bytes are read and written as recorded, nothing more is claimed.
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
