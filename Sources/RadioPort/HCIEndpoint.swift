/// Where a controller is reached.
public enum HCIEndpoint: Equatable, Sendable, CustomStringConvertible {
    /// An adapter of this machine, by number, over its HCI user channel.
    case adapter(UInt16)
    /// H4 over a UNIX stream socket.
    case unix(path: String)
    /// H4 over TCP.
    case tcp(host: String, port: UInt16)
    /// H4 over a terminal.
    case pty(path: String)

    /// Reads `hci0`, `h4:unix:PATH`, `h4:tcp:HOST:PORT` or `h4:pty:PATH`; nil for anything else.
    public init?(_ text: String) {
        if text.hasPrefix("hci"), let number = UInt16(text.dropFirst(3)), number < 0xFFFF {
            self = .adapter(number)
            return
        }
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[0] == "h4", !parts[2].isEmpty else { return nil }
        switch parts[1] {
        case "unix": self = .unix(path: parts[2])
        case "pty": self = .pty(path: parts[2])
        case "tcp":
            guard let colon = parts[2].lastIndex(of: ":"),
                let port = UInt16(parts[2][parts[2].index(after: colon)...]), port > 0
            else { return nil }
            let host = parts[2][..<colon].trimming("[", "]")
            guard !host.isEmpty else { return nil }
            self = .tcp(host: host, port: port)
        default: return nil
        }
    }

    /// The endpoint as ``init(_:)`` reads it.
    public var description: String {
        switch self {
        case .adapter(let number): "hci\(number)"
        case .unix(let path): "h4:unix:\(path)"
        case .tcp(let host, let port): "h4:tcp:" + (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
        case .pty(let path): "h4:pty:\(path)"
        }
    }
}

extension Substring {
    /// The text without a pair of brackets around it.
    fileprivate func trimming(_ opening: Character, _ closing: Character) -> String {
        first == opening && last == closing && count > 2 ? String(dropFirst().dropLast()) : String(self)
    }
}
