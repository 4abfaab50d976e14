import MeshWire

/// Events of the mesh, kept until somebody asks for them (protocol §10.1).
///
/// At most ``Limits/errorLogEntries``; a further one is not stored. A query closes the log with two more entries, how long
/// the node has been running and the end marker, and takes it out entry by entry.
struct ErrorLog: Sendable {
    private var entries: ContiguousArray<ErrorLogEntry> = []

    /// Entries that have not been taken out.
    var count: Int { entries.count }

    /// Stores an event; `time` in deciseconds since boot.
    mutating func append(_ code: ErrorCode, extra: UInt32, at time: UInt32) {
        guard entries.count < Limits.errorLogEntries else { return }
        entries.append(Self.entry(code, extra: extra, at: time))
    }

    /// Closes the log for a query.
    ///
    /// - Parameters:
    ///   - bootedAt: seconds since 1970; nil if nobody has set a time.
    ///   - time: deciseconds since boot.
    mutating func close(bootedAt: UInt32?, at time: UInt32) {
        let start =
            bootedAt.map { Self.entry(.bootTime, extra: $0, at: time) }
            ?? Self.entry(.uptime, extra: time / 10, at: time)
        entries.append(start)
        entries.append(Self.entry(.endMarker, extra: UInt32(entries.count), at: time))
    }

    /// Takes the oldest entry out.
    mutating func takeFirst() -> ErrorLogEntry? {
        entries.isEmpty ? nil : entries.removeFirst()
    }

    private static func entry(_ code: ErrorCode, extra: UInt32, at time: UInt32) -> ErrorLogEntry {
        ErrorLogEntry(errorType: .custom, timestamp: time / 10, extraInfo: extra, errorCode: code.rawValue)
    }
}
