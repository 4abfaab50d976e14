import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import RadioHCI

/// Packets over one descriptor.
@Suite struct PacketTransportTests {
    /// A transport at one end of a pair of sockets, with what it reported.
    private final class Bench {
        let loop: EventLoop
        let other: FileDescriptor
        var transport: PacketTransport?
        var packets: [[UInt8]] = []
        var ends: [String] = []

        init(_ framing: PacketTransport.Framing = .stream, room: Int32? = nil) throws {
            loop = try EventLoop()
            let type = framing == .stream ? SOCK_STREAM : SOCK_SEQPACKET
            var pair: [Int32] = [0, 0]
            try #require(socketpair(AF_UNIX, Int32(type.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &pair) == 0)
            other = FileDescriptor(pair[1])
            if var room {
                setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &room, socklen_t(MemoryLayout<Int32>.size))
            }
            transport = try PacketTransport(
                FileDescriptor(pair[0]),
                framing: framing,
                loop: loop,
                received: { [unowned self] packet in packets.append(packet) },
                ended: { [unowned self] cause in ends.append(cause) }
            )
        }

        /// Turns until nothing happens any more.
        func settle() throws {
            for _ in 0..<20 { try loop.turn(waiting: 0) }
        }

        /// What arrived at the other end.
        func read() throws -> [UInt8] {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while let count = try other.read(into: &buffer), count > 0 { bytes += buffer.prefix(count) }
            return bytes
        }
    }

    private static let packets: [[UInt8]] = [
        [4, 0x0E, 4, 1, 3, 0x0C, 0], [2, 0x40, 0x20, 3, 0, 9, 8, 7], [4, 0x10, 1, 0x42], [2, 0, 0, 0, 0],
    ]

    @Test func aCutAnywhereDoesNoHarm() throws {
        let stream = Self.packets.flatMap { $0 }
        for cut in 0...stream.count {
            let bench = try Bench()
            try bench.other.writeAll(Array(stream[..<cut]))
            try bench.settle()
            try bench.other.writeAll(Array(stream[cut...]))
            try bench.settle()
            #expect(bench.packets == Self.packets, "cut at \(cut)")
            #expect(bench.ends.isEmpty)
        }
    }

    @Test func randomPiecesAreTheSamePackets() throws {
        var random = SplitMix.announced("PacketTransportTests.randomPiecesAreTheSamePackets")
        let bench = try Bench()
        var sent: [[UInt8]] = []
        var stream: [UInt8] = []
        for _ in 0..<300 {
            let payload = random.bytes(atMost: 600)
            let packet = [2, 0x40, 0x20, UInt8(payload.count & 0xFF), UInt8(payload.count >> 8)] + payload
            sent.append(packet)
            stream += packet
        }
        var rest = stream[...]
        while !rest.isEmpty {
            let piece = rest.prefix(1 + random.below(900))
            rest = rest.dropFirst(piece.count)
            try bench.other.writeAll(Array(piece))
            try bench.settle()
        }
        #expect(bench.packets == sent, "seed \(random.seed)")
    }

    @Test func theEndOfTheStreamIsToldOnce() throws {
        let loopOver: (Bench) throws -> Void = { bench in
            shutdown(bench.other.rawValue, Int32(SHUT_WR))
            try bench.settle()
        }
        let bench = try Bench()
        try bench.other.writeAll(Self.packets[0] + [4])
        try loopOver(bench)
        // What was whole before is still handed over.
        #expect(bench.packets == [Self.packets[0]])
        #expect(bench.ends == ["the other end closed the connection"])
        bench.transport?.send([1, 3, 0x0C, 0])
        try bench.settle()
        #expect(bench.ends.count == 1)
        #expect(try bench.read().isEmpty)
    }

    @Test func bytesWithoutSenseEndIt() throws {
        let bench = try Bench()
        try bench.other.writeAll(Self.packets[2] + [0x99] + Self.packets[2])
        try bench.settle()
        #expect(bench.packets == [Self.packets[2]])
        #expect(bench.ends == ["the byte stream makes no sense"])
        try bench.other.writeAll(Self.packets[0])
        try bench.settle()
        #expect(bench.packets.count == 1)
    }

    @Test func packetsArriveWholeThroughANarrowDescriptor() throws {
        var random = SplitMix.announced("PacketTransportTests.packetsArriveWholeThroughANarrowDescriptor")
        // The smallest buffer that the kernel grants takes only a part of a packet at a time.
        let bench = try Bench(room: 1)
        var sent: [UInt8] = []
        for _ in 0..<20 {
            let packet = random.bytes(20_000)
            sent += packet
            bench.transport?.send(packet)
        }
        var received = try bench.read()
        #expect(received.count < sent.count)
        for _ in 0..<10_000 where received.count < sent.count {
            try bench.loop.turn(waiting: 1000)
            received += try bench.read()
        }
        #expect(received == sent, "seed \(random.seed)")
        #expect(bench.ends.isEmpty)
    }

    @Test func whoDoesNotReadIsGivenUp() throws {
        let bench = try Bench(room: 1)
        let packet = [2, 0x40, 0x20, 0xA0, 0x0F] + [UInt8](repeating: 7, count: 4000)
        var count = 0
        while bench.ends.isEmpty, count < 10_000 {
            bench.transport?.send(packet)
            count += 1
        }
        #expect(bench.ends == ["the controller takes no more packets"])
        // What waits is bounded, beside the few that the kernel holds.
        #expect(count > PacketTransport.waitingMax && count < PacketTransport.waitingMax + 50)
    }

    @Test func nothingComesAfterClosing() throws {
        let bench = try Bench()
        try bench.other.writeAll(Self.packets[0])
        bench.transport?.close()
        try bench.settle()
        #expect(bench.packets.isEmpty)
        #expect(bench.ends.isEmpty)
    }

    @Test func aHandlerMayCloseInTheMiddle() throws {
        let loop = try EventLoop()
        var pair: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &pair) == 0)
        let other = FileDescriptor(pair[1])
        final class Holder {
            var transport: PacketTransport?
            var packets = 0
        }
        let holder = Holder()
        holder.transport = try PacketTransport(
            FileDescriptor(pair[0]),
            framing: .stream,
            loop: loop,
            received: { _ in
                holder.packets += 1
                holder.transport?.close()
            },
            ended: { _ in Issue.record("closed by itself") }
        )
        try other.writeAll(Self.packets.flatMap { $0 })
        for _ in 0..<5 { try loop.turn(waiting: 0) }
        #expect(holder.packets == 1)
        holder.transport = nil
    }

    @Test func theDescriptorIsClosedWithTheTransport() throws {
        let bench = try Bench()
        bench.transport = nil
        var buffer: [UInt8] = [0]
        let count = try bench.other.read(into: &buffer)
        #expect(count == 0)
    }

    @Test func datagramsAreOnePacketEach() throws {
        let bench = try Bench(.datagrams)
        // No framing: even what is no packet is handed over, for the host to count.
        let packets = Self.packets + [[0x99, 1]]
        for packet in packets { try bench.other.writeAll(packet) }
        try bench.settle()
        #expect(bench.packets == packets)
        bench.transport?.send([1, 3, 0x0C, 0])
        bench.transport?.send([1, 1, 0x10, 0])
        var buffer = [UInt8](repeating: 0, count: 100)
        for expected in [[1, 3, 0x0C, 0], [1, 1, 0x10, 0]] as [[UInt8]] {
            let count = try bench.other.read(into: &buffer)
            #expect(count == 4 && Array(buffer.prefix(4)) == expected)
        }
        shutdown(bench.other.rawValue, Int32(SHUT_RDWR))
        try bench.settle()
        #expect(bench.ends.count == 1)
    }

    @Test func randomBytesNeverTrap() throws {
        var random = SplitMix.announced("PacketTransportTests.randomBytesNeverTrap")
        for _ in 0..<200 {
            let bench = try Bench()
            try bench.other.writeAll([2] + random.bytes(atMost: 300))
            try bench.settle()
            #expect(bench.ends.count <= 1, "seed \(random.seed)")
        }
    }
}
