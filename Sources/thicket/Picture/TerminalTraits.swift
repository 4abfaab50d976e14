import Glibc

/// What the terminal behind standard output can show.
struct TerminalTraits {
    var columns: Int
    var rows: Int
    /// Colour repeats what words and shapes say already; it is never the only sign.
    var hasColour: Bool
    /// Box-drawing and block characters.
    var hasUnicode: Bool

    /// The terminal behind standard output; nil if there is none that can redraw a picture in place.
    static func current() -> TerminalTraits? {
        let type = Console.environment("TERM")
        guard isatty(STDOUT_FILENO) == 1, let type, type != "dumb" else { return nil }
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 && size.ws_row > 0
        return TerminalTraits(
            columns: isKnown ? Int(size.ws_col) : 80,
            rows: isKnown ? Int(size.ws_row) : 24,
            hasColour: Console.environment("NO_COLOR") == nil,
            hasUnicode: hasUnicodeLocale
        )
    }

    /// Whether the locale says that text is UTF-8; it holds for pipes and files too.
    static var hasUnicodeLocale: Bool {
        let locale =
            Console.environment("LC_ALL") ?? Console.environment("LC_CTYPE") ?? Console.environment("LANG") ?? ""
        let folded = locale.lowercased()
        return folded.hasSuffix("utf-8") || folded.hasSuffix("utf8")
    }
}
