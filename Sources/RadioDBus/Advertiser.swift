import LinuxSystem
import RadioPort

/// Keeps one advertisement registered with BlueZ as the node wants it.
///
/// The interval and the content are changed in place; whether it is connectable is not possible to change, so that the
/// advertisement is then registered anew.
final class Advertiser {
    private let bus: Bus
    private let adapter: String
    private let path: String
    private let loop: EventLoop
    private let notice: (RadioNotice) -> Void
    private var wanted: AdvertisementProperties?
    /// What BlueZ was told; nil while it was told nothing.
    private var registered: AdvertisementProperties?
    private var isBusy = false
    /// Whether a refusal is to be followed by another attempt.
    private var isWaiting = false
    private var retryTimer: EventLoop.Timer?

    /// Time from a refusal to the next attempt, in microseconds.
    private static let retryPause: UInt64 = 1_000_000

    /// An advertiser that does nothing yet.
    init(bus: Bus, adapter: String, path: String, loop: EventLoop, notice: @escaping (RadioNotice) -> Void) {
        self.bus = bus
        self.loop = loop
        self.adapter = adapter
        self.path = path
        self.notice = notice
        retryTimer = loop.timer { [unowned self] in
            isWaiting = false
            proceed()
        }
    }

    deinit {
        if let retryTimer { loop.remove(retryTimer) }
    }

    /// Advertise so from now on, or not at all.
    func set(_ properties: AdvertisementProperties?) {
        wanted = properties
        proceed()
    }

    /// BlueZ is gone, and what was registered with it.
    func forget() {
        wanted = nil
        registered = nil
        isBusy = false
    }

    /// Answers a call about the advertisement's object; nil if it is none of its methods.
    func answer(_ message: BusMessage) -> Bus.Answer? {
        switch (message.interface, message.member) {
        case (BlueZ.properties, "GetAll"): return .values([.dictionary((registered ?? wanted)?.all ?? [])])
        case (BlueZ.advertisement, "Release"):
            // BlueZ let go of it: for example because the adapter was switched off.
            registered = nil
            return .values([])
        default: return nil
        }
    }

    private func proceed() {
        guard !isBusy, !isWaiting, wanted != registered else { return }
        if let wanted, let registered, wanted.type == registered.type {
            self.registered = wanted
            let before = registered.changeable
            let changed = zip(wanted.changeable, before).filter { $0.1 != $1.1 }.map(\.0)
            bus.emit(
                path,
                BlueZ.properties,
                "PropertiesChanged",
                [.text(BlueZ.advertisement), .dictionary(changed), .array("s", [])]
            )
            return
        }
        isBusy = true
        if registered != nil {
            call("UnregisterAdvertisement", [.path(path)]) { [weak self] _ in self?.registered = nil }
        } else if let wanted {
            registered = wanted
            call("RegisterAdvertisement", [.path(path), .dictionary([])]) { [weak self] answer in
                guard case .failure(let name, let text) = answer, !name.hasSuffix("AlreadyExists") else { return }
                self?.refused(text)
            }
        }
    }

    private func refused(_ text: String) {
        registered = nil
        isWaiting = true
        if let retryTimer { loop.set(retryTimer, at: loop.now.advanced(byMicroseconds: Self.retryPause)) }
        notice(RadioNotice(.warning, "bluetoothd does not advertise, trying again: \(text)"))
    }

    private func call(_ member: String, _ arguments: [BusValue], _ completion: @escaping (Bus.Answer) -> Void) {
        bus.call(BlueZ.service, adapter, BlueZ.advertisingManager, member, arguments) { [weak self] answer in
            completion(answer)
            self?.isBusy = false
            self?.proceed()
        }
    }
}
