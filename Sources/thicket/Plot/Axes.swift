import MeshControl

/// Numbers from 0 to a round one, with marks at round steps.
struct Scale {
    /// The number at the end.
    let end: Double
    /// From mark to mark.
    let step: Double

    /// A scale that reaches at least to a number.
    init(to greatest: Double) {
        var step = 1e-3
        var factors = [2.0, 2.5, 2.0]
        // 1, 2, 5, 10, 20, ... of whatever is small enough for at most eight marks.
        while step * 8 < greatest {
            step *= factors[0]
            factors = [factors[1], factors[2], factors[0]]
        }
        self.step = step
        end = max((greatest / step).rounded(.up), 1) * step
    }

    /// The marks, both ends with them.
    var marks: [Double] { (0...Int((end / step).rounded())).map { Double($0) * step } }
}

/// A frame with a scale at the bottom and one at the left.
struct Axes {
    let left: Double
    let top: Double
    let width: Double
    let height: Double
    let x: Scale
    let y: Scale

    /// Where a pair of numbers lies in the picture.
    func place(_ x: Double, _ y: Double) -> (Double, Double) {
        (left + width * x / self.x.end, top + height * (1 - y / self.y.end))
    }

    func draw(into picture: inout SVG, x xName: String, y yName: String) {
        for mark in x.marks {
            let (position, bottom) = place(mark, 0)
            picture.grid(from: (position, top), to: (position, bottom))
            picture.text(DecimalText.decimals(mark, atMost: 3), x: position, y: bottom + 16, size: 11, anchor: .middle)
        }
        for mark in y.marks {
            let (start, position) = place(0, mark)
            picture.grid(from: (start, position), to: (start + width, position))
            picture.text(DecimalText.decimals(mark, atMost: 3), x: start - 6, y: position + 4, size: 11, anchor: .end)
        }
        picture.text(xName, x: left + width / 2, y: top + height + 34, size: 12, anchor: .middle)
        picture.text(yName, x: left, y: top - 10, size: 12)
    }
}
