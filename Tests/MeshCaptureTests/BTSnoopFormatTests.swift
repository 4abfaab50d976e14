import Testing

@testable import MeshCapture

/// Bytes of captures.
@Suite struct BTSnoopFormatTests {
    @Test func theFileBeginsWithItsNameVersionAndDatalink() {
        #expect(
            BTSnoopFormat.fileHeader
                == [0x62, 0x74, 0x73, 0x6E, 0x6F, 0x6F, 0x70, 0x00, 0, 0, 0, 1, 0, 0, 0x03, 0xEA]
        )
    }

    /// 2024-01-01T00:00:00Z.
    ///
    /// By the documentation of the format 2000-01-01T00:00:00Z is 0x00E0_3AB4_4A67_6000; 24 years with 6 leap days later are
    /// 8766 days of 86 400 000 000 µs more, which comes to 0x00E2_EB8A_1F50_A000.
    @Test func aRecordOfTheYear2024() {
        let reset: [UInt8] = [1, 0x03, 0x0C, 0]
        let record = BTSnoopFormat.record(reset, sent: true, lost: 0x0102, microseconds: 1_704_067_200_000_000)
        #expect(
            record
                == [
                    0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 1, 2, 0x00, 0xE2, 0xEB, 0x8A, 0x1F, 0x50, 0xA0, 0x00,
                    1, 0x03, 0x0C, 0,
                ]
        )
        #expect(record.count == BTSnoopFormat.recordHeaderSize + reset.count)
    }

    @Test(
        arguments: [
            (1, true, 2), (4, false, 3), (2, true, 0), (2, false, 1),
        ] as [(UInt8, Bool, UInt8)]
    )
    func flagsTellDirectionAndKind(type: UInt8, sent: Bool, flags: UInt8) {
        let record = BTSnoopFormat.record([type, 0, 0, 0, 0], sent: sent, lost: 0, microseconds: 0)
        #expect(Array(record[8..<12]) == [0, 0, 0, flags])
    }
}
