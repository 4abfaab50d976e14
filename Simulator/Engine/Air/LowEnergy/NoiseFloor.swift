import Glibc
import MeshConfiguration

/// By how much noise at nodes lies above what their receivers have anyway, in thousandths of a dB.
///
/// A packet has to be stronger by that much to get through as often. Powers of several noises add up:
/// rise = 10 log10(1 + sum of (10^(rise / 10) - 1)); computed once, when a noise comes or goes.
struct NoiseFloor: Sendable {
    private struct Source: Sendable, Equatable {
        var nodes: [Int]
        var rise: Double
        var channels: UInt64
    }

    private let count: Int
    private var sources: [Source] = []
    /// By node, on the data channels and on those for advertising; empty as long as it is quiet everywhere.
    private var rises: ContiguousArray<(data: Int32, advertising: Int32)> = []

    init(nodes count: Int) { self.count = count }

    /// What a packet loses by noise where it arrives.
    @inline(__always)
    func rise(at index: Int, channel: Int) -> Int {
        guard !rises.isEmpty else { return 0 }
        return Int(RadioChannel.advertising.contains(channel) ? rises[index].advertising : rises[index].data)
    }

    /// Noise comes up at some nodes, on channels, one bit each.
    mutating func begin(at nodes: [Int], riseDecibels: Double, channels: UInt64) {
        sources.append(Source(nodes: nodes, rise: riseDecibels, channels: channels))
        add()
    }

    /// Such a noise is over.
    mutating func end(at nodes: [Int], riseDecibels: Double, channels: UInt64) {
        let source = Source(nodes: nodes, rise: riseDecibels, channels: channels)
        if let position = sources.firstIndex(of: source) { sources.remove(at: position) }
        add()
    }

    private mutating func add() {
        rises = []
        guard !sources.isEmpty else { return }
        var powers = [(data: Double, advertising: Double)](repeating: (1, 1), count: count)
        for source in sources {
            let power = pow(10, source.rise / 10) - 1
            for index in source.nodes {
                if source.channels & JammedChannels.data.mask != 0 { powers[index].data += power }
                if source.channels & JammedChannels.advertising.mask != 0 { powers[index].advertising += power }
            }
        }
        func milli(_ power: Double) -> Int32 { Int32((10_000 * log10(power)).rounded()) }
        rises = ContiguousArray(powers.map { (milli($0.data), milli($0.advertising)) })
    }
}
