import ByteCoding
import RadioPort

/// An advertisement of the port in the words of BlueZ, which puts the packet together itself.
struct AdvertisementProperties: Equatable {
    /// `peripheral` or `broadcast`; cannot be changed while it is on air.
    var type: String
    /// By company, flags not counted: BlueZ adds them.
    var manufacturerData: [UInt16: [UInt8]] = [:]
    /// 16-bit services, by number.
    var serviceData: [UInt16: [UInt8]] = [:]
    var services: [UInt16] = []
    /// Milliseconds.
    var interval: UInt32

    /// Takes AD structures apart (Core 5.4 Vol 3 Part C 11); kinds that BlueZ cannot be asked for are left out.
    init(data: AdvertisingData, connectable: Bool, intervalMicroseconds: UInt32) {
        type = connectable ? "peripheral" : "broadcast"
        interval = max(20, intervalMicroseconds / 1000)
        let bytes = data.array
        var position = 0
        while position + 1 < bytes.count, bytes[position] > 0 {
            let end = min(bytes.count, position + 1 + Int(bytes[position]))
            let content = Array(bytes[(position + 2)..<max(position + 2, end)])
            switch bytes[position + 1] {
            case 0x02, 0x03:
                services += stride(from: 0, to: content.count - 1, by: 2).map { Self.number(content, $0) }
            case 0x16 where content.count >= 2: serviceData[Self.number(content, 0)] = Array(content[2...])
            case 0xFF where content.count >= 2: manufacturerData[Self.number(content, 0)] = Array(content[2...])
            default: break
            }
            position = end
        }
    }

    private static func number(_ bytes: [UInt8], _ offset: Int) -> UInt16 {
        UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
    }

    /// All properties of the object.
    var all: [(String, BusValue)] {
        // BlueZ refuses to make a broadcast discoverable.
        [("Type", .text(type))] + (type == "peripheral" ? [("Discoverable", .bool(true))] : []) + changeable
    }

    /// Those that BlueZ lets change in place.
    var changeable: [(String, BusValue)] {
        [
            (
                "ManufacturerData",
                .array(
                    "{qv}",
                    manufacturerData.sorted { $0.key < $1.key }.map {
                        .entry(.uint16($0.key), .variant(.bytes($0.value)))
                    }
                )
            ),
            ("ServiceUUIDs", .array("s", services.map { .text(Self.uuid($0)) })),
            (
                "ServiceData",
                .array(
                    "{sv}",
                    serviceData.sorted { $0.key < $1.key }.map {
                        .entry(.text(Self.uuid($0.key)), .variant(.bytes($0.value)))
                    }
                )
            ),
            ("MinInterval", .uint32(interval)), ("MaxInterval", .uint32(interval)),
        ]
    }

    private static func uuid(_ number: UInt16) -> String {
        let digits = String(number, radix: 16)
        return "0000" + String(repeating: "0", count: 4 - digits.count) + digits + "-0000-1000-8000-00805f9b34fb"
    }
}
