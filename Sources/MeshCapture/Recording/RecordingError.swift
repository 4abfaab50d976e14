public import LinuxSystem

/// Why a recording cannot be replayed at all, in one line.
public enum RecordingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file cannot be read.
    case unreadable(SystemError)
    /// It is longer than any recording.
    case tooLong
    /// It is something else.
    case notARecording
    /// It has another format than this program knows.
    case otherFormat(UInt16)
    /// It ends before the first input.
    case cutInHeader
    /// What it tells of the node is spoilt.
    case headerDamaged
    /// It leaves the keys out, and none are given.
    case keysMissing
    /// The given keys are not those of the node.
    case wrongKeys

    /// The line.
    public var description: String {
        switch self {
        case .unreadable(let error): "\(error)"
        case .tooLong: "too long for a recording"
        case .notARecording: "not a recording"
        case .otherFormat(let version):
            "a recording of format \(version), this program reads \(RecordingHeader.formatVersion); "
                + "replay it with the version that recorded it"
        case .cutInHeader: "cut short before the first input: nothing can be replayed"
        case .headerDamaged: "damaged where it tells of the node: nothing can be replayed"
        case .keysMissing: "the recording leaves the keys out"
        case .wrongKeys: "recorded with other keys than these"
        }
    }
}
