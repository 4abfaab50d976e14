import ByteCoding
import MeshControl
import MeshWire

/// Turns deliveries into what is shown, stored and answered.
struct Listener {
    /// The node that listens.
    let own: NodeID
    /// The only sender that is heard; nil: all.
    let from: NodeID?
    /// Where files go; nil: none is taken.
    let files: SavedFiles?
    let json: Bool
    /// Messages and files shown.
    private(set) var shown = 0
    private var inbox: TransferInbox

    init(own: NodeID, from: NodeID?, files: SavedFiles?, json: Bool) {
        self.own = own
        self.from = from
        self.files = files
        self.json = json
        inbox = TransferInbox(takesFiles: files != nil)
    }

    /// Says that from now on nothing is missed.
    func begin() {
        if json {
            var object = JSONObject(kind: "listening")
            object.append("node", integer: own.rawValue)
            Console.line(object.line)
        } else {
            Console.note("listening at node \(own)")
        }
    }

    /// Takes a delivery, or nothing.
    ///
    /// - Parameters:
    ///   - delivery: what arrived.
    ///   - now: microseconds, on any clock.
    /// - Returns: what is to be sent in answer.
    mutating func take(_ delivery: MeshDialogue.Delivery?, at now: UInt64) -> [RawData] {
        var events = inbox.expire(at: now)
        if let delivery, let message = try? MeshMessage(bytes: delivery.message).withoutTrailing {
            switch message {
            case .rawDataLight(let data) where isHeard(data.sender):
                show(data.data.array, from: data.sender, to: data.receiver, at: delivery.at, isConfirmed: false)
            case .rawData(let data) where isHeard(data.sender) && data.receiver == own:
                events += inbox.take(data, at: now)
            default: break
            }
        }
        return events.flatMap { act(on: $0, at: delivery?.at ?? 0) }
    }

    private func isHeard(_ sender: NodeID) -> Bool { from == nil || from == sender }

    private mutating func act(on event: TransferInbox.Event, at: UInt64) -> [RawData] {
        switch event {
        case .reply(let content, let key):
            return [
                RawData(
                    sender: NodeID(0),
                    receiver: key.sender,
                    module: .plain(.node),
                    requestHandle: key.handle,
                    content: content
                )
            ]
        case .arrived(let arrival):
            let error = take(arrival, at: at)
            return inbox.settle(arrival.key, error).flatMap { act(on: $0, at: at) }
        case .began(let key, let note, let held, let count):
            tell("began", key, note, held == 0 ? "\(count) chunks" : "\(count) chunks, \(held) of them known")
            return []
        case .failed(let key, let note, let error):
            tell("failed", key, note, error.sentence)
            return []
        }
    }

    /// Gives a content to whoever wants it; returns why that cannot be.
    private mutating func take(_ arrival: TransferInbox.Arrival, at: UInt64) -> RawDataError? {
        let sender = arrival.key.sender
        guard let note = arrival.note, !note.name.isEmpty, let files else {
            show(arrival.content, from: sender, to: own, at: at, isConfirmed: true)
            return nil
        }
        do throws(SavedFiles.Failure) {
            let path = try files.store(arrival.content, name: note.name)
            shown += 1
            if json {
                var object = JSONObject(kind: "file")
                object.append("from", integer: sender.rawValue)
                object.append("to", integer: own.rawValue)
                object.append("at_s", .seconds(at))
                object.append("name", text: note.name)
                object.append("bytes", integer: arrival.content.count)
                object.append("crc32", text: Send.digits(note.checksum))
                object.append("path", text: path)
                Console.line(object.line)
            } else {
                Console.line("\(sender) -> \(own)  file \(path), \(arrival.content.count) bytes, checksum good")
            }
            return nil
        } catch {
            Console.note("error: \(error.text)")
            return .notStored
        }
    }

    private mutating func show(
        _ content: [UInt8],
        from sender: NodeID,
        to receiver: NodeID,
        at: UInt64,
        isConfirmed: Bool
    ) {
        shown += 1
        guard json else {
            let to = receiver == .broadcast ? "all" : receiver == .shortestSink ? "sink" : "\(receiver)"
            return Console.line("\(sender) -> \(to)  \(PayloadText.line(content))")
        }
        var object = JSONObject(kind: "message")
        object.append("from", integer: sender.rawValue)
        object.append("to", integer: receiver.rawValue)
        object.append("at_s", .seconds(at))
        PayloadText.append(content, to: &object)
        object.append("confirmed", .bool(isConfirmed))
        Console.line(object.line)
    }

    /// Transfers are told of to programs, and to people if they take a while.
    private func tell(_ state: String, _ key: TransferInbox.Key, _ note: TransferNote?, _ details: String) {
        let name = note.map { $0.name.isEmpty ? "message" : $0.name } ?? "transfer"
        if json {
            var object = JSONObject(kind: "transfer")
            object.append("from", integer: key.sender.rawValue)
            object.append("state", text: state)
            object.append("name", text: name)
            object.append("details", text: details)
            Console.line(object.line)
        } else if note?.name.isEmpty == false || state == "failed" {
            Console.note("\(PayloadText.line(Array(name.utf8))) from node \(key.sender) \(state): \(details)")
        }
    }
}
