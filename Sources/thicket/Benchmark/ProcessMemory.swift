import Glibc

/// Memory of this process.
enum ProcessMemory {
    /// The most that was resident at any time so far, in bytes.
    static var peak: UInt64 {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        // Linux counts in kilobytes.
        return UInt64(usage.ru_maxrss) * 1024
    }

    /// What is resident now, in bytes.
    static var resident: UInt64 {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 128)
        guard fgets(&buffer, Int32(buffer.count), file) != nil else { return 0 }
        let line = String(decoding: buffer.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let pages = line.split(separator: " ").dropFirst().first.flatMap { UInt64($0) } ?? 0
        return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
