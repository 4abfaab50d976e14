import MeshCore

/// What became of the traffic of a run.
public struct DeliveryFigures: Sendable, Equatable {
    /// Messages sent, those without a path too.
    public let sent: Int
    /// Messages that arrived.
    public let delivered: Int
    /// Messages every link of whose path stayed up until they arrived or were given up.
    public let carried: Int
    /// Of the carried, those that did not arrive.
    public let lost: Int
    /// Of the carried, those that arrived more than once.
    public let repeated: Int
    /// Of the carried, those that arrived behind a later one.
    public let overtaken: Int

    init(_ figures: Traffic.Figures) {
        sent = figures.sent
        delivered = figures.delivered
        carried = figures.carried
        lost = figures.lost
        repeated = figures.repeated
        overtaken = figures.overtaken
    }
}

extension Simulation {
    /// Begins constant traffic; receivers are drawn from the seed.
    mutating func startTraffic(period: UInt64, payload: Int) {
        var random = SeededGenerator(seed: seed, stream: Streams.traffic)
        traffic = Traffic(period: period, payload: payload, nodes: count, random: &random)
    }

    /// Sends and follows messages, if there is traffic; to be called before every step.
    mutating func advanceTraffic() {
        guard var running = traffic else { return }
        // Nothing arrives while it sends: a message needs a step for its first hop.
        traffic = nil
        running.advance(&self)
        traffic = running
    }
}
