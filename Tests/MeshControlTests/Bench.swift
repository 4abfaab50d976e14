import Glibc
import LinuxSystem
import MeshControl
import Testing

/// A folder that is gone when nobody holds it any more, with the sockets and files in it.
final class Folder {
    let path: String
    var socket: String { path + "/control.sock" }

    init() throws {
        var template = Array("/tmp/thicket-control-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        unlink(socket)
        rmdir(path)
    }
}

/// What is served: objects that a test chooses.
final class Source: ControlSource {
    var objects: [JSONObject] = [["kind": "thing", "number": 1]]
    var refusal: ControlError?
    private(set) var verbs: [ControlRequest.Verb] = []

    var past: [ControlEvent] = []

    func answer(_ verb: ControlRequest.Verb, to reply: ControlReply) {
        verbs.append(verb)
        if let refusal { return reply.fail(refusal) }
        for object in objects { reply.send(object) }
        reply.finish()
    }

    func events(ofLast microseconds: UInt64) -> [ControlEvent] { past }
}

/// A server on a loop, and clients that read what they want when they want.
final class Bench {
    let folder: Folder
    let loop: EventLoop
    let source = Source()
    private(set) var server: ControlServer?

    init(_ configure: (inout ControlServer.Limits) -> Void = { _ in }) throws {
        // A client that is gone must not end the tests.
        signal(SIGPIPE, SIG_IGN)
        folder = try Folder()
        loop = try EventLoop()
        var limits = ControlServer.Limits()
        configure(&limits)
        server = try ControlServer(path: folder.socket, limits: limits, loop: loop, source: source)
    }

    func client() throws -> Client { Client(try Endpoint.connect(unix: folder.socket)) }

    /// Turns until nothing happens any more.
    func settle() throws {
        for _ in 0..<10 { try loop.turn(waiting: 0) }
    }

    /// Sends a line and collects what comes back.
    func ask(_ client: Client, _ line: String) throws -> [String] {
        try client.send(line + "\n")
        return try read(client)
    }

    /// What a client gets until nothing more comes.
    func read(_ client: Client) throws -> [String] {
        var lines: [String] = []
        while true {
            try settle()
            let more = try client.read()
            if more.isEmpty { return lines }
            lines += more
        }
    }

    func close() { server = nil }
}

/// The other end of a connection.
final class Client {
    private let descriptor: FileDescriptor
    private var input: [UInt8] = []
    private(set) var isEnded = false

    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

    func send(_ text: String) throws { try descriptor.writeAll(Array(text.utf8)) }

    func send(bytes: [UInt8]) throws { try descriptor.writeAll(bytes) }

    /// Whole lines that are there now.
    func read() throws -> [String] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        do throws(SystemError) {
            while !isEnded, let count = try descriptor.read(into: &buffer) {
                if count == 0 { isEnded = true }
                input += buffer.prefix(count)
            }
        } catch {
            // The server went while there was something for it to read.
            guard error.code == ECONNRESET else { throw error }
            isEnded = true
        }
        guard let last = input.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let lines = String(decoding: input[..<last], as: UTF8.self).split(separator: "\n").map(String.init)
        input.removeFirst(last + 1)
        return lines
    }
}
