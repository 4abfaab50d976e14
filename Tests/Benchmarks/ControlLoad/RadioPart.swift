import Glibc
import LinuxSystem

/// The process that stands for the radio: it sends the time, again and again.
enum RadioPart {
    private static let periodNanoseconds = 2_000_000

    static func run(folder: String) throws {
        let descriptor = try Endpoint.connect(unix: folder + "/radio.sock")
        while true {
            var pause = timespec(tv_sec: 0, tv_nsec: periodNanoseconds)
            nanosleep(&pause, nil)
            let time = now
            let bytes = (0..<8).map { UInt8(truncatingIfNeeded: time >> UInt64(8 * $0)) }
            guard try descriptor.send(bytes[...]) == 8 else { continue }
        }
    }

    /// Nanoseconds of the clock that all processes share.
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
