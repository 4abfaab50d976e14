import ByteCoding
import MeshWire
import RadioPort
import Testing

@testable import MeshCore

/// Whatever a partner or a radio says, in whatever order, a node with a MeshAccess link goes on.
@Suite struct AccessNoiseTests {
    @Test(arguments: UInt64(1)...24)
    func anyEventIsSurvived(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var air = TestAir()
        air.add(Identity(node: NodeID(1), network: NetworkID(11)))
        air.add(Identity(node: NodeID(2), network: NetworkID(12)))
        for _ in 0..<8 {
            air.openAccessLink(from: 0, to: 1, tunnel: TunnelType(rawValue: UInt8(random.uniform(below: 3))))
            for _ in 0..<60 {
                let index = Int(random.uniform(below: 2))
                let link = air.accessLink(Int(random.uniform(below: 2)))?.id ?? LinkID(rawValue: 1)
                air.give(.radio(Self.event(on: link, &random)), to: index)
                if random.chance(1, in: 4) {
                    air.run(seconds: 0.1)
                }
            }
            air.run(seconds: 20)
            for node in air.nodes {
                #expect(node.clusterSize == 1)
                #expect(node.linkViews.allSatisfy { $0.kind != .mesh })
            }
        }
    }

    private static func event(on link: LinkID, _ random: inout SeededGenerator) -> RadioEvent {
        let handles = TestAir.handles
        return switch random.uniform(below: 8) {
        case 0, 1: .written(link: link, handle: handles.accessReceive, value: value(&random), kind: .command)
        case 2, 3: .notified(link: link, handle: handles.accessTransmit, value: value(&random))
        case 4: .sent(link: link, count: UInt8(random.uniform(below: 9)))
        case 5: .writeConfirmed(link: link)
        case 6: .mtu(link: link, value: UInt16(random.uniform(below: 300)))
        default:
            .discovered(
                link: link,
                service: .meshAccess,
                handles: random.chance(1, in: 8) ? nil : handles
            )
        }
    }

    /// Random bytes, or the beginning of a handshake message.
    private static func value(_ random: inout SeededGenerator) -> AttributeValue {
        var value = AttributeValue()
        let types: [UInt8] = [0x19, 0x1A, 0x1B, 0x1C, 0x3D, 0x10, 0x11]
        for index in 0..<Int(random.uniform(below: 22)) {
            let isType = index == 0 && random.chance(1, in: 2)
            let byte = UInt8(truncatingIfNeeded: random.next())
            value.append(isType ? types[Int(random.uniform(below: UInt32(types.count)))] : byte)
        }
        return value
    }
}
