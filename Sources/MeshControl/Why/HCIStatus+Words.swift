package import RadioPort

extension HCIStatus {
    /// The code and what it means: `the network keys differ (HCI 0x3D)`.
    package var words: String { meaning.map { "\($0) (\(code))" } ?? code }

    /// `HCI 0x3D`.
    package var code: String { "HCI 0x" + Hexadecimal.text(UInt32(rawValue), digits: 2) }

    /// What it means for a mesh link, nil for codes that say little (Core 5.4 Vol 1 Part F 2).
    private var meaning: String? {
        switch rawValue {
        case 0x00: "no error"
        case 0x02: "the controller does not know the link any more"
        case 0x03: "the radio failed"
        case 0x05: "the partner could not be authenticated"
        case 0x06: "the partner has no key to give"
        case 0x07: "the controller is out of memory"
        case 0x08: "nothing was heard of the partner for too long"
        case 0x09: "the controller has no room for another link"
        case 0x0B: "the controller has a link to that address already"
        case 0x0C: "the controller cannot do that now"
        case 0x0D: "the partner has no room for the link"
        case 0x11: "the controller lacks the feature"
        case 0x12: "the controller does not accept the parameters"
        case 0x13: "the partner closed it"
        case 0x14: "the partner closed it for lack of resources"
        case 0x15: "the partner is being switched off"
        case 0x16: "this node closed it"
        case 0x1A: "the partner's controller lacks the feature"
        case 0x1F: "the controller does not say why"
        case 0x22: "the partner's controller did not answer in time"
        case 0x28: "the partner missed a change of the link"
        case 0x2F: "the partner wants more security"
        case 0x3A: "the controller is busy"
        case 0x3B: "the connection parameters are not acceptable"
        case 0x3C: "the time was up"
        case 0x3D: "the network keys differ"
        case 0x3E: "the partner did not answer the request to connect"
        case 0x44: "the host withdrew it"
        default: nil
        }
    }
}

/// Numbers in hexadecimal, as people compare them.
package enum Hexadecimal {
    /// Capital digits, at least so many.
    package static func text(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
