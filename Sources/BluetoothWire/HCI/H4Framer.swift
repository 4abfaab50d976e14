/// Cuts the byte stream of an H4 transport into packets (Core 5.4 Vol 4 Part A 2).
///
/// A stream has no marks to find back by: after a byte that is no packet type everything up to the next reset is lost, and
/// ``isOutOfStep`` says so. The owner then closes the transport. Memory is bounded by one packet of the greatest size.
public struct H4Framer: Sendable {
    /// Longest payload of a packet that is accepted; a longer announcement puts the framer out of step.
    public static let payloadMax = 4096

    private var buffer: [UInt8] = []
    /// Whether the stream cannot be understood any more.
    public private(set) var isOutOfStep = false

    /// A framer at the start of a stream.
    public init() {}

    /// Takes bytes of the stream and hands over every packet that is complete, type byte first.
    public mutating func accept(_ bytes: some Sequence<UInt8>, _ body: ([UInt8]) -> Void) {
        guard !isOutOfStep else { return }
        buffer.append(contentsOf: bytes)
        var start = 0
        while start < buffer.count {
            guard let type = HCIPacketType(rawValue: buffer[start]) else { return loseStep() }
            let header = start + 1
            guard buffer.count >= header + type.headerSize else { break }
            let payload = type.payloadSize(buffer[header...])
            guard payload <= Self.payloadMax else { return loseStep() }
            let end = header + type.headerSize + payload
            guard buffer.count >= end else { break }
            body(Array(buffer[start..<end]))
            start = end
        }
        buffer.removeFirst(start)
    }

    private mutating func loseStep() {
        isOutOfStep = true
        buffer = []
    }
}
