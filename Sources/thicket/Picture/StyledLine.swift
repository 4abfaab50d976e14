/// A line of pieces that may be coloured; clipped by what is seen, not by its escape sequences.
struct StyledLine: Equatable, ExpressibleByStringLiteral {
    /// How a piece looks.
    enum Style: Equatable {
        case plain
        case bold
        case dim
        case good
        case bad
        /// One of a few colours, told apart by a number.
        case tint(UInt32)

        fileprivate var code: String? {
            switch self {
            case .plain: nil
            case .bold: "1"
            case .dim: "2"
            case .good: "32"
            case .bad: "31"
            case .tint(let number): String([36, 33, 35, 34, 32, 31][Int(number % 6)])
            }
        }
    }

    private struct Piece: Equatable {
        var text: String
        var style: Style
    }

    private var pieces: [Piece] = []

    init(_ text: String = "", _ style: Style = .plain) {
        add(text, style)
    }

    init(stringLiteral value: String) {
        self.init(value)
    }

    mutating func add(_ text: String, _ style: Style = .plain) {
        pieces.append(Piece(text: text, style: style))
    }

    /// The words alone.
    var plain: String { pieces.map(\.text).joined() }

    /// The line for a terminal, at most so many columns wide.
    func rendered(columns: Int, colour: Bool) -> String {
        var room = columns
        var line = ""
        for piece in pieces where room > 0 {
            let text = String(piece.text.prefix(room))
            room -= text.count
            if colour, let code = piece.style.code {
                line += "\u{1B}[\(code)m" + text + "\u{1B}[0m"
            } else {
                line += text
            }
        }
        return line
    }
}

/// A picture that is redrawn where it stands.
struct Screen {
    private var drawnLines = 0

    /// What must be written to put these lines in the place of the last ones.
    mutating func update(_ lines: [StyledLine], for terminal: TerminalTraits) -> String {
        // A picture taller than the terminal would scroll and could not be redrawn in place.
        let shown = lines.prefix(max(1, terminal.rows - 1))
        var text = drawnLines > 0 ? "\u{1B}[\(drawnLines)A\r" : ""
        for line in shown {
            // One column stays free: a full line wraps on some terminals.
            text += line.rendered(columns: terminal.columns - 1, colour: terminal.hasColour) + "\u{1B}[K\n"
        }
        text += "\u{1B}[J"
        drawnLines = shown.count
        return text
    }
}
