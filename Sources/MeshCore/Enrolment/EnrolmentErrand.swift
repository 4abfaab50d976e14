import MeshWire
import RadioPort

/// The enrolment of another device that a node carries out (protocol §10.5).
///
/// ```
///            request               hears the device            handshake done
///  (no errand) ──────► seeking ─────────────────► connecting ────────────────► asked
///                        ▲  │                       │  link lost                │ │
///                        └──┼───────────────────────┴───────────────────────────┘ │
///                           └──── time is up ────► (no errand) ◄───── answer ─────┘
///                              or answer to all
/// ```
struct EnrolmentErrand: Sendable {
    /// How far it is.
    enum Phase: Sendable, Equatable {
        /// Listening for the device.
        case seeking
        /// The link in this slot is coming up.
        case connecting(slot: UInt8)
        /// The request went over the link in this slot.
        case asked(slot: UInt8)
    }

    /// What the device is to be told.
    let request: SetEnrollment
    /// The handle of whoever asked.
    let requestHandle: UInt8
    /// The key that opens the device.
    let keyID: FmKeyID
    /// The key itself.
    let key: Key128
    /// When it ends without success.
    var deadline: Instant
    /// How far it is.
    var phase = Phase.seeking
    /// Not before this is the device connected to.
    var connectsFrom: Instant

    /// The slot of its link, nil while there is none.
    var slot: UInt8? {
        switch phase {
        case .seeking: nil
        case .connecting(let slot), .asked(let slot): slot
        }
    }
}
