import Glibc

/// The two output streams: results on standard output, everything else on standard error.
enum Console {
    /// Writes one line of the result.
    static func line(_ text: String) {
        write(text + "\n", to: STDOUT_FILENO)
    }

    /// Writes part of the result as it is.
    static func text(_ text: String) {
        write(text, to: STDOUT_FILENO)
    }

    /// Writes one line for the person at the terminal.
    static func note(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    /// Writes or rewrites the line of progress, if somebody is watching; an empty one takes it away again.
    ///
    /// - Parameters:
    ///   - text: the line.
    ///   - json: whether the results are JSON; a program that reads them from a terminal shall find nothing between them.
    static func progress(_ text: String, besideJSON json: Bool = false) {
        guard progressIsSeen, !json || isatty(STDOUT_FILENO) == 0 else { return }
        write("\r" + text + "\u{1B}[K", to: STDERR_FILENO)
    }

    private static let progressIsSeen = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"

    /// The value of an environment variable, nil if it is unset or empty.
    static func environment(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if count < 0 && errno == EAGAIN {
                var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = Glibc.poll(&poll, 1, -1)
            } else if count < 0 && errno != EINTR {
                return
            }
        }
    }
}
