import ByteCoding
import MeshCore
import MeshWire
import RadioPort
import Testing
import TestSupport

@testable import MeshCapture

/// What a recording tells of the node.
@Suite struct RecordingHeaderTests {
    private static func text(_ value: some Any) -> String {
        var text = ""
        dump(value, to: &text)
        return text
    }

    private static func header(_ random: inout SplitMix, includesKeys: Bool) -> RecordingHeader {
        var identity = Identity(node: NodeID(random.number()), network: NetworkID(random.number()))
        identity.deviceType = DeviceType(rawValue: random.number())
        identity.serialNumberIndex = random.number()
        identity.keys = NodeKeys(
            network: random.key(),
            node: random.key(),
            userBase: random.key(),
            organization: random.key()
        )
        identity.hardware = HardwareRecord(
            manufacturer: random.number(),
            chipID: random.number(),
            version: random.number(),
            receiveSensitivity: random.number(),
            transmitPower: random.number(),
            calibratedTransmitPower: random.number(),
            chipGroup: NodeID(random.number()),
            featuresetGroup: NodeID(random.number()),
            bootloaderVersion: random.number(),
            battery: random.number()
        )
        return RecordingHeader(
            program: "0.1.0",
            beganAt: random.number(),
            identity: identity,
            configuration: random.configuration(),
            seed: random.next(),
            includesKeys: includesKeys
        )
    }

    @Test func everyFieldComesBack() throws {
        var random = SplitMix.announced("everyFieldComesBack")
        for _ in 0..<50 {
            let header = Self.header(&random, includesKeys: true)
            let found = try RecordingHeader.decoded(header.encoded() + random.bytes(atMost: 9)).header
            #expect(Self.text(found) == Self.text(header), "seed \(random.seed)")
        }
    }

    /// Whoever adds a field to a configuration adds it to the format, and raises its version.
    @Test func noFieldIsForgotten() {
        func fields(_ value: some Any) -> Int { Mirror(reflecting: value).children.count }
        #expect(
            fields(Configuration()) == 4 + Configuration.switches.paths.count + Configuration.counts.paths.count
                + Configuration.levels.paths.count
        )
        #expect(fields(GraftPolicy()) == 3 + GraftPolicy.times.paths.count + GraftPolicy.counts.paths.count)
        #expect(
            fields(Timing()) == 1 + Timing.times.paths.count + Timing.shortTimes.paths.count + Timing.scans.paths.count
                + Timing.parameters.paths.count
        )
        #expect(fields(Identity(node: NodeID(1))) == 6)
        #expect(fields(HardwareRecord()) == 10)
        #expect(fields(NodeKeys()) == 4)
        #expect(fields(PersistentState()) == 12)
        #expect(fields(ReportIntervals()) == 4)
        #expect(fields(BootRecord()) == 3)
    }

    /// Keys that are left out are in no form in the file.
    @Test func keysAreStoredOnlyIfAskedFor() throws {
        var random = SplitMix.announced("keysAreStoredOnlyIfAskedFor")
        for includesKeys in [false, true] {
            let header = Self.header(&random, includesKeys: includesKeys)
            let bytes = try header.encoded()
            let keys = header.identity.keys
            for key in [keys.network, keys.node, keys.userBase, keys.organization] {
                #expect(bytes.contains(key.bytes) == includesKeys)
            }
            let found = try RecordingHeader.decoded(bytes).header
            #expect(found.includesKeys == includesKeys)
            #expect((found.identity.keys == keys) == includesKeys)
        }
    }

    @Test func whatIsNoHeaderIsRefused() throws {
        var random = SplitMix.announced("whatIsNoHeaderIsRefused")
        let bytes = try Self.header(&random, includesKeys: true).encoded()
        func problem(_ bytes: [UInt8]) -> RecordingError? {
            do throws(RecordingError) {
                _ = try RecordingHeader.decoded(bytes)
                return nil
            } catch {
                return error
            }
        }
        #expect(problem([]) == .notARecording)
        #expect(problem(Array("btsnoop\0".utf8)) == .notARecording)
        for count in 1..<bytes.count {
            #expect(problem(Array(bytes.prefix(count))) == .cutInHeader, "\(count) bytes")
        }
        for index in bytes.indices {
            var bytes = bytes
            bytes[index] ^= 1 << UInt8(random.below(8))
            #expect(problem(bytes) != nil, "byte \(index), seed \(random.seed)")
        }
        var newer = bytes
        newer[8] += 1
        #expect(problem(newer) == .otherFormat(RecordingHeader.formatVersion + 1))
        #expect(
            "\(RecordingError.otherFormat(9))"
                == "a recording of format 9, this program reads 2; replay it with the version that recorded it"
        )
        for _ in 0..<20_000 {
            let noise = bytes.prefix(random.below(20)) + random.bytes(atMost: 100)
            #expect(problem(Array(noise)) != nil, "seed \(random.seed)")
        }
    }
}

extension SplitMix {
    fileprivate mutating func key() -> Key128 { Key128(low: next(), high: next()) }

    fileprivate mutating func configuration() -> Configuration {
        var configuration = Configuration(clustering: flag() ? .classic : .graft)
        configuration.decision = flag() ? .periodic : .eager
        for path in Configuration.switches.paths { configuration[keyPath: path] = flag() }
        for path in Configuration.counts.paths { configuration[keyPath: path] = number() }
        for path in Configuration.levels.paths { configuration[keyPath: path] = number() }
        for path in GraftPolicy.times.paths { configuration.graft[keyPath: path] = number() }
        for path in GraftPolicy.counts.paths { configuration.graft[keyPath: path] = number() }
        configuration.graft.relaxedThreshold = number()
        configuration.graft.rankSlack = number()
        configuration.graft.plantedFaults = PlantedFaults(rawValue: number())
        for path in Timing.times.paths { configuration.timing[keyPath: path] = number() }
        for path in Timing.shortTimes.paths { configuration.timing[keyPath: path] = number() }
        configuration.timing.fastAdvertisingSlots = number()
        for path in Timing.scans.paths {
            configuration.timing[keyPath: path] = ScanTiming(
                intervalMicroseconds: number(),
                windowMicroseconds: number()
            )
        }
        for path in Timing.parameters.paths { configuration.timing[keyPath: path] = parameters() }
        return configuration
    }
}
