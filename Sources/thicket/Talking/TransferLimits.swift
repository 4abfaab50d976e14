import MeshWire

/// Bounds of transfers (protocol §10.3) and the reasons for which we refuse one.
enum TransferLimits {
    /// Bytes of a content, hours of a mesh's time; more is refused at both ends.
    static let bytes = 16 << 20
    /// Data in a chunk that we send: as much as a message holds.
    static let chunkBytes = 188
    /// Chunks that we accept: the greatest content in the 60 bytes a chunk that the protocol recommends.
    static let chunks = bytes / 60 + 1
    /// Transfers that a receiver keeps, finished ones included; the one that rests longest makes room.
    static let transfers = 8
    /// Chunks sent before a report is asked for; see ``ThroughputRun/windowMax``.
    static let windowMax: UInt32 = 8
}

extension RawDataError {
    /// Nobody wants files here.
    static let notWanted = RawDataError(rawValue: 200)
    /// Too many transfers at a time.
    static let busy = RawDataError(rawValue: 201)
    /// More than a receiver takes.
    static let tooLong = RawDataError(rawValue: 202)
    /// What arrived is not what was announced.
    static let checksum = RawDataError(rawValue: 203)
    /// The receiver cannot store it.
    static let notStored = RawDataError(rawValue: 204)

    /// For the person at the sending end: why the receiver refuses.
    var words: String {
        switch self {
        case .unexpectedEnd: "it heard nothing for long"
        case .notInTransmission: "it knows of no such transfer"
        case .malformed: "it does not understand the transfer"
        case .notWanted: "it takes no files; run 'thicket listen --save FOLDER' there"
        case .busy: "it has too many transfers under way; try again later"
        case .tooLong: "it takes at most \(TransferLimits.bytes >> 20) MiB"
        case .checksum: "the checksum is wrong; send it again"
        case .notStored: "it cannot store the file; 'thicket listen' says why there"
        default: "error \(rawValue)"
        }
    }

    /// For the person at the receiving end.
    var sentence: String {
        switch self {
        case .unexpectedEnd: "the sender fell silent; the rest is taken if it comes"
        case .notWanted: "files are taken with --save only"
        case .busy: "too many transfers under way"
        case .tooLong: "longer than \(TransferLimits.bytes >> 20) MiB"
        case .checksum: "the checksum is wrong"
        case .notStored: "it cannot be stored"
        default: "error \(rawValue)"
        }
    }
}
