package import ByteCoding
package import MeshWire

/// 128 bits that tell states apart.
package struct StateDigest: Hashable, Sendable {
    package let low: UInt64
    package let high: UInt64
}

/// Folds all that makes up a state into a digest: two lanes, each mixed by a wide multiplication.
///
/// Not for keys; among a hundred million states two different ones collide with a probability below 10^-22.
package struct StateHasher: Sendable {
    private var low: UInt64 = 0x243F_6A88_85A3_08D3
    private var high: UInt64 = 0x1319_8A2E_0370_7344
    /// What stands for cluster ids of which only matters whether they are the same.
    private let aliases: [ClusterID: UInt32]
    /// The cluster ids that came by, if somebody wants to know.
    package private(set) var clusters: Set<ClusterID>?

    /// A hasher that takes cluster ids as they are, or as something that stands for them.
    package init(aliases: [ClusterID: UInt32] = [:], collectsClusters: Bool = false) {
        self.aliases = aliases
        clusters = collectsClusters ? [] : nil
    }

    /// What all words so far come to.
    package var digest: StateDigest { StateDigest(low: low, high: high) }

    /// Takes a word.
    package mutating func add(_ word: UInt64) {
        let first = (low ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        low = first.high ^ first.low &+ 0xA409_3822_299F_31D0
        let second = (high &+ word ^ 0x082E_FA98_EC4E_6C89).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        high = second.high ^ second.low &+ word
    }

    /// Takes a number.
    package mutating func add(_ number: some BinaryInteger) { add(UInt64(truncatingIfNeeded: number)) }

    /// Takes a flag.
    package mutating func add(_ flag: Bool) { add(flag ? UInt64(1) : 0) }

    /// Takes a cluster id.
    package mutating func add(_ cluster: ClusterID) {
        clusters?.insert(cluster)
        add(UInt64(aliases[cluster] ?? cluster.rawValue))
    }

    /// Takes bytes and their number.
    package mutating func add<let capacity: Int>(_ bytes: InlineBytes<capacity>) {
        add(UInt64(bytes.count))
        var word: UInt64 = 0
        for index in 0..<bytes.count {
            word = word << 8 | UInt64(bytes[index])
            if index & 7 == 7 {
                add(word)
                word = 0
            }
        }
        add(word)
    }

    /// Takes a message without what decides nothing at its receiver: what names links, and what is only shown to people.
    package mutating func add(message value: InlineBytes<64>) {
        guard !value.isEmpty else { return }
        switch MessageType(rawValue: value[0]) {
        case .graftHello:
            guard var hello = try? GraftHello(bytes: value) else { break }
            hello.isRoot = false
            hello.size = 0
            hello.eccentricity = 0
            hello.alternatives = 0
            hello.nonce = 0
            add((try? hello.encoded()) ?? value)
            return
        case .graftUpdate:
            guard var update = try? GraftUpdate(bytes: value), !update.isKeyValid else { break }
            update.key = ClusterKey(rank: 0, cluster: .none)
            add((try? update.encoded()) ?? value)
            return
        case .graftReconnect:
            guard var message = try? GraftReconnect(bytes: value) else { break }
            message.nonce = 0
            add((try? message.encoded()) ?? value)
            return
        case .clusterWelcome:
            guard var message = try? ClusterWelcome(bytes: value) else { break }
            add(message.cluster)
            message.cluster = .none
            add((try? message.encoded()) ?? value)
            return
        case .clusterAck2:
            guard var message = try? ClusterAck2(bytes: value) else { break }
            add(message.cluster)
            message.cluster = .none
            add((try? message.encoded()) ?? value)
            return
        default: break
        }
        add(value)
    }
}
