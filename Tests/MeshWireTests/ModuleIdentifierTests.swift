import ByteCoding
import MeshWire
import Testing

@Suite
struct ModuleIdentifierTests {
    @Test
    func plainIdsHaveTwoWrappedForms() {
        #expect(ModuleIdentifier(wrapped: 0xFFFF_FF03) == .plain(.statusReporter))
        #expect(ModuleIdentifier(wrapped: 0x0000_0003) == .plain(.statusReporter))
        #expect(ModuleIdentifier(wrapped: 0x1234_5603) == nil)
        #expect(ModuleIdentifier.plain(.statusReporter).wrapped == 0xFFFF_FF03)
    }

    @Test
    func vendorIdsStartWithF0() throws {
        let id = try #require(VendorModuleID(rawValue: 0xABCD_01F0))
        #expect(id == VendorModuleID(subID: 1, company: 0xABCD))
        #expect(try id.encoded(as: InlineBytes<4>.self).array == [0xF0, 0x01, 0xCD, 0xAB])
        #expect(ModuleIdentifier(wrapped: 0xABCD_01F0) == .vendor(id))
        #expect(ModuleIdentifier.vendor(id).wrapped == 0xABCD_01F0)
        #expect(VendorModuleID(rawValue: 0xABCD_01F1) == nil)
        #expect(throws: CodingError.self) { try VendorModuleID(bytes: [0xF1, 1, 2, 3]) }
    }

    @Test
    func byteFiveTellsTheHeaders() throws {
        let plain = try ModuleHeader(bytes: try bytes("33 0100 0200 03 07 01"))
        #expect(plain.module == .plain(.statusReporter))
        #expect(plain.encodedSize == 8)
        let vendor = try ModuleHeader(bytes: try bytes("33 0100 0200 F001CDAB 07 01"))
        #expect(vendor.module == .vendor(VendorModuleID(subID: 1, company: 0xABCD)))
        #expect(vendor.encodedSize == 11)
        #expect(vendor.requestHandle == 7)
        #expect(throws: CodingError.self) { try ModuleHeader(bytes: try bytes("33 0100 0200 F001CDAB 07")) }
    }

    @Test
    func plainIdF0IsRefused() {
        let header = ModuleHeader(
            type: .moduleTriggerAction,
            sender: NodeID(1),
            receiver: NodeID(2),
            module: .plain(.vendorPrefix),
            actionType: 0
        )
        #expect(throws: CodingError.invalidField("moduleID", value: 0xF0)) {
            try header.encoded(as: MessageBytes.self)
        }
    }

    @Test
    func moduleListKeepsTheWrappedFormItRead() throws {
        let list = try bytes("32 0200 0100 00 00 08 03FFFFFF0201 03000000 02 00 F001CDAB01FF 03123456 0001")
        guard case .module(let message) = try MeshMessage(bytes: list),
            case .configuration(.plain(.node), .moduleList(let entries)) = message.content
        else {
            Issue.record("not a module list")
            return
        }
        #expect(entries.count == 4)
        #expect(entries[0] == ModuleListEntry(module: .plain(.statusReporter), version: 2, isActive: true))
        #expect(entries[1].module == .plain(.statusReporter))
        #expect(entries[2].module == .vendor(VendorModuleID(subID: 1, company: 0xABCD)))
        #expect(entries[2].reserved == 0x7F)
        #expect(entries[3].module == nil)
        #expect(try message.encoded(as: MessageBytes.self).array == list)
    }
}
