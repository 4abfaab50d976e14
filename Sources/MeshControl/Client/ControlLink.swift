import Glibc
package import LinuxSystem
import MeshConfiguration

/// A client of the control socket that lives in an event loop: it may have many requests under way and hears events meanwhile.
///
/// Answers come in the order of their requests. An event that a request causes is heard before the end of its answer.
package final class ControlLink {
    /// How a request ended: with the objects of its answer, or refused.
    package typealias Answer = Result<[ControlAnswer], ControlError>

    private let path: String
    private let descriptor: FileDescriptor
    private let loop: EventLoop
    private var watch: EventLoop.Watch?
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 16_384)
    private var lastID: UInt64 = 0
    private var underWay: [UInt64: (objects: [ControlAnswer], end: (Answer) -> Void)] = [:]

    /// Called for each event of a subscription.
    package var event: (ControlAnswer) -> Void = { _ in }
    /// Called once if the daemon goes.
    package var lost: (ControlError) -> Void = { _ in }

    /// Connects.
    ///
    /// - Throws: ``ControlError`` that names the socket and the way out.
    package init(path: String, loop: EventLoop) throws(ControlError) {
        self.path = path
        self.loop = loop
        descriptor = try ControlClient.connect(to: path)
        do throws(SystemError) {
            watch = try loop.watch(descriptor.rawValue, for: .reading) { [unowned self] ready in
                if ready.canWrite { flush() }
                if ready.canRead { read() }
            }
        } catch {
            throw ControlError("cannot wait for the daemon at \(path): \(error)")
        }
    }

    deinit {
        if let watch { loop.unwatch(watch) }
    }

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - request: its keys, without an id.
    ///   - end: called with the answer once that is complete; never if the daemon goes.
    package func send(_ request: JSONObject, _ end: @escaping (Answer) -> Void) {
        lastID += 1
        underWay[lastID] = ([], end)
        var request = request
        request.append("id", .unsigned(lastID))
        output += Array((request.line + "\n").utf8)
        flush()
    }

    /// Subscribes to events from now on, in place of those subscribed to before; `event` is called for each.
    ///
    /// - Parameters:
    ///   - names: names of events; none: all.
    ///   - ready: called when the subscription holds.
    package func monitor(_ names: [String], _ ready: @escaping (Answer) -> Void) {
        var request: JSONObject = ["request": "monitor"]
        if !names.isEmpty { request.append("events", .list(names.map { .text($0) })) }
        send(request, ready)
    }

    private func take(_ line: String) {
        guard let answer = ControlAnswer(line) else {
            return end("the daemon at \(path) says what this program does not understand; update both")
        }
        guard answer.kind != "event", answer.kind != "gap" else { return event(answer) }
        guard let id = UInt64(answer.text("id")) else { return end(answer.text("text")) }
        switch answer.kind {
        case "done": underWay.removeValue(forKey: id).map { $0.end(.success($0.objects)) }
        case "monitoring": underWay.removeValue(forKey: id)?.end(.success([answer]))
        case "error": underWay.removeValue(forKey: id)?.end(.failure(ControlError(answer.text("text"))))
        default: underWay[id]?.objects.append(answer)
        }
    }

    private func end(_ text: String) {
        guard let watch else { return }
        loop.unwatch(watch)
        self.watch = nil
        lost(ControlError(text, isUnreachable: true))
    }

    private func read() {
        do throws(SystemError) {
            guard let count = try descriptor.read(into: &buffer) else { return }
            guard count > 0 else { return end("the daemon at \(path) ended the connection") }
            input += buffer[..<count]
        } catch {
            return end("the daemon at \(path) is gone: \(error.reason)")
        }
        var start = input.startIndex
        while watch != nil, let newline = input[start...].firstIndex(of: UInt8(ascii: "\n")) {
            take(String(decoding: input[start..<newline], as: UTF8.self))
            start = newline + 1
        }
        input.removeFirst(start)
    }

    private func flush() {
        guard let watch else { return }
        do throws(SystemError) {
            while !output.isEmpty {
                let count = try descriptor.send(output[...])
                guard count > 0 else { break }
                output.removeFirst(count)
            }
        } catch {
            // A daemon that has closed the connection may have said why: it is read next.
            output = []
        }
        loop.change(watch, to: output.isEmpty ? .reading : [.reading, .writing])
    }
}
