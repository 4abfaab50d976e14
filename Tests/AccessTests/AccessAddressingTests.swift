import ByteCoding
import MeshCore
import MeshWire
import Testing

@Suite struct AccessAddressingTests {
    private func addressing(
        partner: UInt16 = 7,
        virtual: UInt16 = 2001,
        explicit: Bool = false,
        tunnel: TunnelType = .localMesh,
        opensNetworkLink: Bool = false,
        isAsset: Bool = false
    ) -> AccessAddressing {
        AccessAddressing(
            virtual: NodeID(virtual),
            isVirtualExplicit: explicit,
            partner: NodeID(partner),
            tunnel: tunnel,
            opensNetworkLink: opensNetworkLink,
            isAsset: isAsset
        )
    }

    private func incoming(_ hex: String, _ addressing: AccessAddressing) throws -> String {
        var message = MessageBytes(try #require(Hex.decode(hex)))
        addressing.translateIncoming(&message)
        return message.description
    }

    private func outgoing(_ hex: String, _ addressing: AccessAddressing) throws -> String {
        var message = MessageBytes(try #require(Hex.decode(hex)))
        addressing.translateOutgoing(&message)
        return message.description
    }

    @Test func thePartnerIsKnownByItsVirtualID() throws {
        #expect(try incoming("3407000100000003", addressing()) == "34d1070100000003")
        #expect(try incoming("3408000100000003", addressing()) == "3408000100000003")
        #expect(try outgoing("330100d107000003", addressing()) == "3301000700000003")
        #expect(try outgoing("3301000700000003", addressing()) == "3301000700000003")
        #expect(try incoming("34070001", addressing()) == "34070001")
    }

    @Test func assetsOfTheWholeOrganizationKeepTheirID() throws {
        #expect(try incoming("3be880000099000000000000", addressing(partner: 33000)) == "3be880000099000000000000")
        let chosen = addressing(partner: 33000, virtual: 33001, explicit: true)
        #expect(try incoming("33e8800000000003", chosen) == "33e9800000000003")
        // Sensed by the asset module: whoever the partner is.
        #expect(try incoming("3b0700000099000000000000", addressing()) == "3b0700000099000000000000")
        #expect(try incoming("3a0700000099000000000000", addressing()) == "3ad107000099000000000000")
    }

    @Test func ownMessagesAreOfferedByReceiver() {
        let link = addressing()
        for receiver in [0, 2001, 20000, 20031, 21000, 21001, 29999, 30000, 30001, 30999, 31001, 32000, 33000, 57999] {
            #expect(link.isOffered(to: NodeID(UInt16(receiver))), "\(receiver)")
        }
        for receiver in [1, 7, 1999, 2000, 2002, 19999, 31000, 31002, 58000, 65535] {
            #expect(!link.isOffered(to: NodeID(UInt16(receiver))), "\(receiver)")
        }
    }

    @Test func theOpenerOfANetworkLinkAndAssetsOfferEverything() {
        let opener = addressing(tunnel: .remoteMesh, opensNetworkLink: true)
        #expect(opener.isOffered(to: NodeID(5)))
        #expect(!addressing(tunnel: .peerToPeer, opensNetworkLink: true).isOffered(to: NodeID(5)))
        #expect(!addressing(tunnel: .remoteMesh).isOffered(to: NodeID(5)))
        #expect(addressing(isAsset: true).isOffered(to: NodeID(5)))
    }

    @Test func meshReceiversNeedARemoteMesh() {
        for tunnel in [TunnelType.peerToPeer, .localMesh] {
            let link = addressing(tunnel: tunnel)
            #expect(link.permits(receiver: NodeID(2001)))
            #expect(link.permits(receiver: NodeID(0)))
            #expect(link.permits(receiver: NodeID(1)))
            #expect(!link.permits(receiver: NodeID(2)))
            #expect(!link.permits(receiver: NodeID(19999)))
            #expect(link.permits(receiver: NodeID(20000)))
        }
        #expect(addressing(tunnel: .remoteMesh).permits(receiver: NodeID(2)))
    }
}
