import ByteCoding
import RadioPort

extension AdvertisingData {
    /// The same AD structures with the flags at the front, where JOIN_ME has them.
    ///
    /// Order carries no meaning (Core 5.4 Vol 3 Part C 11), and hosts that put packets together themselves append the flags.
    var flagsFirst: AdvertisingData {
        let flagsSize = 3
        guard count > flagsSize, self[1] != 0x01, self[count - 3] == 2, self[count - 2] == 0x01,
            endsStructure(at: count - flagsSize)
        else { return self }
        var ordered = AdvertisingData()
        for index in count - flagsSize..<count { ordered.append(self[index]) }
        for index in 0..<count - flagsSize { ordered.append(self[index]) }
        return ordered
    }

    /// Whether one of the structures ends before a byte.
    private func endsStructure(at end: Int) -> Bool {
        var position = 0
        while position < end { position += 1 + Int(self[position]) }
        return position == end
    }
}
