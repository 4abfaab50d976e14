import ByteCoding
import MeshWire

extension Command {
    private static let pinsReadMax = 5
    private static let pinMax: UInt8 = 31

    /// Commands of `action <node> io` (protocol §10.7).
    func io(
        _ name: String,
        _ receiver: NodeID,
        _ arguments: inout Arguments
    ) throws(TerminalError) -> [TerminalRequest] {
        switch name {
        case "pinset":
            let pins = try pinConfigurations(&arguments)
            return try send(.io(.setPins(pins)), to: receiver, handle: try arguments.requestHandle())
        case "pinread":
            var pins = InlineBytes<16>()
            repeat {
                guard pins.count < Self.pinsReadMax else { throw .wrongArguments }
                pins.append(try arguments.number())
            } while !arguments.isEmpty
            return try send(.io(.readPins(pins)), to: receiver)
        case "led":
            let mode: UInt8
            switch try arguments.word() {
            case "off": mode = 0
            case "on": mode = 1
            case "connections": mode = 2
            default: throw .commandNotFound
            }
            return try send(.io(.setLed(mode: mode)), to: receiver, handle: try arguments.requestHandle())
        case "identify":
            let mode: UInt8
            switch try arguments.word() {
            case "on": mode = 1
            case "off": mode = 2
            default: throw .commandNotFound
            }
            return try send(.io(.identify(mode: mode)), to: receiver, handle: try arguments.requestHandle())
        default: throw .commandNotFound
        }
    }

    /// Pairs of a pin and its level, as outputs; a single word behind them is left for the request handle.
    private func pinConfigurations(
        _ arguments: inout Arguments
    ) throws(TerminalError) -> PackedList<PinConfiguration, 192> {
        try arguments.expect(atLeast: 2)
        var pins = PackedList<PinConfiguration, 192>()
        while arguments.count >= 2 {
            let pin = try arguments.number(in: 0...Self.pinMax)
            let isHigh: Bool
            switch try arguments.word() {
            case "high": isHigh = true
            case "low": isHigh = false
            default: throw .commandNotFound
            }
            pins.append(PinConfiguration(pin: pin, isOutput: true, set: isHigh))
        }
        return pins
    }
}
