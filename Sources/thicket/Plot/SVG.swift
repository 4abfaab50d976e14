import MeshControl

/// How a curve looks: its colour says the file, its dashes the number of nodes.
struct Style {
    /// Colours that people with any colour vision tell apart, and printers too (Okabe and Ito).
    private static let colors = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
    private static let dashes = ["", "7 3", "2 3", "9 3 2 3", "12 4", "4 4"]

    let series: Int
    let group: Int

    var color: String { Self.colors[series % Self.colors.count] }
    var dash: String { Self.dashes[group % Self.dashes.count] }
}

/// A picture in Scalable Vector Graphics 1.1, drawn part by part.
struct SVG {
    enum Anchor: String {
        case start, middle, end
    }

    private var parts: [String] = []
    private let width: Double
    private let height: Double

    /// An empty picture on white.
    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    /// The file.
    var text: String {
        let size = "width=\"\(Self.number(width))\" height=\"\(Self.number(height))\""
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" \(size) font-family="sans-serif">
            <rect \(size) fill="white"/>
            \(parts.joined(separator: "\n"))
            </svg>

            """
    }

    mutating func text(_ text: String, x: Double, y: Double, size: Double, anchor: Anchor = .start) {
        parts.append(
            "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" font-size=\"\(Self.number(size))\" "
                + "text-anchor=\"\(anchor.rawValue)\">\(Self.escaped(text))</text>"
        )
    }

    mutating func grid(from begin: (Double, Double), to end: (Double, Double)) {
        parts.append("<polyline points=\"\(Self.points([begin, end]))\" stroke=\"#dddddd\"/>")
    }

    mutating func line(_ points: [(Double, Double)], _ style: Style) {
        let dash = style.dash.isEmpty ? "" : " stroke-dasharray=\"\(style.dash)\""
        parts.append(
            "<polyline points=\"\(Self.points(points))\" fill=\"none\" stroke=\"\(style.color)\" stroke-width=\"2\"\(dash)/>"
        )
    }

    mutating func area(_ points: [(Double, Double)], _ style: Style) {
        parts.append("<polygon points=\"\(Self.points(points))\" fill=\"\(style.color)\" fill-opacity=\"0.15\"/>")
    }

    mutating func dot(_ point: (Double, Double), _ style: Style) {
        parts.append(
            "<circle cx=\"\(Self.number(point.0))\" cy=\"\(Self.number(point.1))\" r=\"3.5\" fill=\"\(style.color)\"/>"
        )
    }

    private static func points(_ points: [(Double, Double)]) -> String {
        points.map { "\(number($0.0)),\(number($0.1))" }.joined(separator: " ")
    }

    private static func number(_ value: Double) -> String { DecimalText.decimals(value, atMost: 2) }

    private static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "<": "&lt;"
            case ">": "&gt;"
            case "&": "&amp;"
            case "\"": "&quot;"
            default: character.isASCII && character.asciiValue ?? 32 < 32 ? "?" : String(character)
            }
        }.joined()
    }
}
