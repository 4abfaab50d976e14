/// A place for a value outside of what has it: for what few links have, because all links are walked often.
indirect enum OutOfLine<Value: Sendable>: Sendable {
    case none
    case stored(Value)

    init(_ value: Value?) {
        self = value.map { .stored($0) } ?? .none
    }

    @inline(__always)
    var isStored: Bool {
        if case .stored = self { true } else { false }
    }

    var value: Value? {
        guard case .stored(let value) = self else { return nil }
        return value
    }
}
