import BluetoothHost
import RadioPort

/// How often what was done about a controller.
struct RecoveryCounters: Equatable, Sendable {
    var faults: UInt64 = 0
    var transportsLost: UInt64 = 0
    var stopScans: UInt64 = 0
    var resets: UInt64 = 0
    var reopenings: UInt64 = 0
    var powerCycles: UInt64 = 0
    var backOffs: UInt64 = 0
    var replugs: UInt64 = 0

    var named: [RadioCounter] {
        [
            RadioCounter("controller_faults", faults),
            RadioCounter("transports_lost", transportsLost),
            RadioCounter("recovery_stop_scan", stopScans),
            RadioCounter("recovery_reset", resets),
            RadioCounter("recovery_reopen", reopenings),
            RadioCounter("recovery_power_cycle", powerCycles),
            RadioCounter("recovery_back_off", backOffs),
            RadioCounter("replugs", replugs),
        ]
    }
}

extension HostCounters {
    var named: [RadioCounter] {
        [
            RadioCounter("malformed_packets", malformedPackets),
            RadioCounter("dropped_frames", droppedFrames),
            RadioCounter("dropped_attribute_packets", droppedAttributePackets),
            RadioCounter("refused_commands", refusedCommands),
            RadioCounter("queue_overflows", queueOverflows),
        ]
    }
}
