import ByteCoding
import MeshWire
import Testing

@testable import MeshTerminal

/// Lines that the protocol document gives, and that no recording has.
@Suite struct MeshJSONTests {
    static let lines: [(hex: String, line: String)] = [
        (
            "340200010003000104000500c40d1e0701",
            #"{"nodeId":2,"type":"status","module":3,"batteryInfo":30,"clusterSize":4,"connectionLossCounter":7,"#
                + #""freeIn":1,"freeOut":3,"inConnectionPartner":5,"inConnectionRSSI":-60, "initialized":1}"#
        ),
        (
            "35050000000300016a0900000001000000",
            #"{"type":"live_report","nodeId":5,"module":3,"code":106,"extra":9,"extra2":1}"#
        ),
        ("3402000100030005", #"{"type":"set_init_result","nodeId":2,"module":3}"#),
        (
            "340200010003000602805101" + "9d010000" + "16000000",
            #"{"type":"error_log_entry","nodeId":2,"module":3,"errType":2,"code":22,"extra":413,"time":86400,"#
                + #""typeStr":"CUSTOM","codeStr":"COUNT_JOIN_ME_RECEIVED"}"#
        ),
        (
            "340200010003000808" + String(repeating: "00", count: 29),
            #"{"type":"reboot_reason","nodeId":2,"module":3,"reason":8,"code1":0,"code2":0,"code3":0,"stack":[]}"#
        ),
        (
            "340200010003000801" + String(repeating: "00", count: 12) + "02" + "1f000000" + "00ab0000"
                + "0000000000000000",
            #"{"type":"reboot_reason","nodeId":2,"module":3,"reason":1,"code1":0,"code2":0,"code3":0,"stack":[1f,ab00]}"#
        ),
        (
            "340200010003000d" + "000a00",
            #"{"type":"time_reporting_state","intervalDs":10,"nodeId":2,"module":3,"code":0}"#
        ),
        ("340200010003000e0a", #"{"type":"gw_status","nodeId":2,"module":3,"status":10}"#),
        (
            "340200010003000c" + "01000000" + "02000000" + "0500" + "010100000000c0" + "01c40402" + "03" + "09000000"
                + "0400"
                + "01" + "0a000000" + "0b000000" + "0c000000" + "0d000000" + "0100" + "0200" + "0300" + "04000000"
                + "3c000000"
                + "010005",
            #"{"type":"connections_verbose","nodeId":2,"module":3,"version":1,"connectionIndex":2,"partnerId":5,"#
                + #""partnerAddress":"1, [C0:00:00:00:00:01]","connectionType":1,"averageRssi":-60,"connectionState":4,"#
                + #""encryptionState":2,"connectionId":3,"uniqueConnectionId":9,"connectionHandle":4,"direction":1,"#
                + #""creationTimeDs":10,"handshakeStartedDs":11,"connectionHandshakedTimestampDs":12,"#
                + #""disconnectedTimestampDs":13,"droppedPackets":1,"sentReliable":2,"sentUnreliable":3,"#
                + #""pendingPackets":4,"connectionMtu":60,"clusterUpdateCounter":1,"#
                + #""nextExpectedClusterUpdateCounter":0,"manualPacketsSent":5}"#
        ),
        (
            "340200010003000c" + "02000000" + String(repeating: "00", count: 58),
            #"{"type":"connections_verbose_unknown_version","nodeId":2,"module":3,"version":2}"#
        ),
        (
            "3202000100030401" + "00",
            #"{"nodeId":2,"type":"set_config_result","module":3,"requestHandle":4,"code":0}"#
        ),
        (
            "3202000100f001cdab0403" + "33",
            #"{"nodeId":2,"type":"set_active_result","module":"0xABCD01F0","requestHandle":4,"code":51}"#
        ),
        (
            "3202000100030009" + "33",
            #"{"nodeId":2,"type":"get_config_error","module":3,"requestHandle":0,"code":51}"#
        ),
        ("340200010000" + "1204", #"{"type":"start_generate_load_result","nodeId":2,"requestHandle":18}"#),
        (
            "330200030000" + "1205" + String(repeating: "91", count: 10),
            #"{"type":"generate_load_chunk","nodeId":2,"size":10,"payloadCorrect":1,"requestHandle":18}"#
        ),
        (
            "330200030000" + "1205" + "9190",
            #"{"type":"generate_load_chunk","nodeId":2,"size":2,"payloadCorrect":0,"requestHandle":18}"#
        ),
        (
            "34080001000000060800",
            #"{"type":"set_enrolled_nodes","nodeId":8,"module":0,"enrolled_nodes":8}"#
        ),
        (
            "3402000100000008" + "0cf15365" + "3c00" + "0200",
            #"{"type":"get_time_result","nodeId":2,"module":0,"syncState":2,"time":1700000012,"offset":60,"master":0}"#
        ),
        (
            "340100010000000a" + "095200",
            #"{"type":"remove_group_result","nodeId":1,"module":0,"group":21001,"code":0}"#
        ),
        ("340100010000000c0952", #"{"type":"get_groups_result","nodeId":1,"module":0,"groups":[21001]}"#),
        ("210400010002" + "02000000", #"{"nodeId":4,"type":"capability_end","amount":2}"#),
        (
            "3b050001007b000007004d00aabb",
            #"{"nodeId":5,"type":"component_sense","module":123,"requestHandle":0,"actionType":0,"#
                + #""component":"0x0007","register":"0x004D","payload":"qrs="}"#
        ),
        (
            "3605000100040702" + "01000000" + "aabbcc",
            #"{"nodeId":5,"type":"raw_data_chunk","module":4,"chunkId":1,"payload":"qrvM","requestHandle":7}"#
        ),
        (
            "3605000100040700" + "030000" + "01" + "00000000" + "aabb",
            #"{"nodeId":5,"type":"raw_data_start","module":4,"numChunks":3,"protocol":1,"fmKeyId":0,"#
                + #""requestHandle":7,"metadata":"qrs="}"#
        ),
        (
            "370500010000" + "0002" + "abcdef",
            #"{"nodeId":5,"type":"raw_data_light","module":0,"protocol":2,"payload":"q83v","requestHandle":0}"#
        ),
        (
            "3402000100050002" + "0c000000" + "0d000000" + "00000000",
            #"{"nodeId":2,"type":"enroll_proposal","module":5,"proposals":[12,13,0]}"#
        ),
        (
            "3401000100050004" + "05000000",
            #"{"nodeId":1,"type":"request_proposals_response","serialNumber":"BBBBH","module":5,"requestHandle":0}"#
        ),
        (
            "347b000100010d0000",
            #"{"nodeId":123,"type":"adv_add_response","module":1,"requestHandle":13,"code":0}"#
        ),
        (
            "347b000100010d0101",
            #"{"nodeId":123,"type":"adv_set_response","module":1,"requestHandle":13,"code":1}"#
        ),
        (
            "347b000100010d0202",
            #"{"nodeId":123,"type":"adv_remove_response","module":1,"requestHandle":13,"code":2}"#
        ),
        (
            "3402000100060000",
            #"{"nodeId":2,"type":"set_pin_config_result","module":6,"requestHandle":0,"code":0}"#
        ),
        ("3402000100060304", #"{"nodeId":2,"type":"identify_response","module":6,"requestHandle":3,"code":0}"#),
        (
            "350100010" + "00a0000" + "d10704",
            #"{"nodeId":1,"type":"ma_conn_state","module":10,"requestHandle":0,"partnerId":2001,"state":4}"#
        ),
        (
            "340600010" + "00a0d02" + "00" + "f480",
            #"{"type":"serial_connect_response","module":10,"nodeId":6,"requestHandle":13,"code":0,"partnerId":33012}"#
        ),
        (
            "2205001879020002" + "e880" + "3d3d3d" + "1e" + "ffff" + "ffff" + "ff" + "09",
            #"{"nodeId":5,"type":"tracked_assets_ins","assets":[{"id":33000,"rssi1":61,"rssi2":61,"rssi3":61,"#
                + #""batteryPower":30,"positionValid":0,"absolutePositionX":65535,"absolutePositionY":65535,"moving":1,"#
                + #""pressure":-1,"hasFreeInConnection":0,"interestedInConnection":0,"hasSameNetworkId":1}]}"#
        ),
    ]

    @Test(arguments: lines)
    func printsTheLine(hex: String, line: String) throws {
        let message = try #require(Hex.decode(hex))
        #expect(MeshJSON.line(for: MessageBytes(message)) == line)
        // Every shorter message prints nothing or a line of its own, and never traps.
        for count in message.indices {
            _ = MeshJSON.line(for: MessageBytes(message.prefix(count)))
        }
    }

    @Test func requestsPrintNothing() throws {
        for hex in [
            "3301000200030001", "33010002000000011e", "3a01000200030d01cdab341201", "210100020000", "1701000000",
        ] {
            let message = try #require(Hex.decode(hex))
            #expect(MeshJSON.line(for: MessageBytes(message)) == nil)
        }
    }

    @Test func textsAreEscaped() {
        #expect(MeshJSON.quoted("a\"b\\c\u{1}") == #""a\"b\\c\u0001""#)
        #expect(MeshJSON.quoted(FixedBytes<4>(padding: Array("ab".utf8))) == #""ab""#)
        #expect(MeshJSON.quoted(FixedBytes<2>(padding: Array("abc".utf8))) == #""ab""#)
    }

    @Test func printsWhatHappensAtTheNode() {
        #expect(
            MeshJSON.clusterHandshake(winner: true, size: 4) == #"{"type":"cluster_handshake","winner":1,"size":4}"#
        )
        #expect(MeshJSON.meshConnect(partner: NodeID(9)) == #"{"type":"mesh_connect","partnerId":9}"#)
        #expect(MeshJSON.meshDisconnect(partner: NodeID(9)) == #"{"type":"mesh_disconnect","partnerId":9}"#)
        #expect(MeshJSON.clusterDisconnect(size: 3) == #"{"type":"cluster_disconnect","size":3}"#)
        #expect(
            MeshJSON.clusterUpdate(size: 3, newID: ClusterID(rawValue: 5), hasMasterBit: true)
                == #"{"type":"cluster_update","size":3,"newId":5,"masterBit":1}"#
        )
        #expect(
            MeshJSON.updateJoinMe(cluster: ClusterID(rawValue: 0xABCD_0005), size: 3)
                == #"{"type":"update_joinme","clusterId":2882338821,"clusterSize":3}"#
        )
        #expect(
            MeshJSON.pluggedIn(node: NodeID(5), serialNumber: SerialNumber(2_673_000), version: 10_011_640)
                == #"{"type":"plugged_in","nodeId":5,"serialNumber":"FMBBB","fmVersion":10011640}"#
        )
        #expect(MeshJSON.initialized == #"{"type":"init"}"#)
        #expect(
            MeshJSON.reboot(RebootReason(reason: .remoteReset), version: 10_011_640, bootloaderVersion: 123)
                == #"{"type":"reboot","reason":8,"code1":0,"stack":0,"version":10011640,"blversion":123}"#
        )
        #expect(
            MeshJSON.log(tag: "T", file: "F", line: 1, message: "m")
                == #"{"type":"log","tag":"T","file":"F","line":1,"message":"m"}"#
        )
    }
}
