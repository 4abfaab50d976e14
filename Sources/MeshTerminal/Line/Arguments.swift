import ByteCoding
import MeshWire

/// The words behind a command, taken one at a time as values of the kinds of protocol §11.1.
struct Arguments {
    /// What `this` stands for.
    let ownNodeID: NodeID
    private var words: ArraySlice<String>

    init(_ words: ArraySlice<String>, ownNodeID: NodeID) {
        self.words = words
        self.ownNodeID = ownNodeID
    }

    /// Whether all words have been taken.
    var isEmpty: Bool { words.isEmpty }

    /// Number of words not yet taken.
    var count: Int { words.count }

    /// The next word if there is one.
    mutating func optionalWord() -> String? { words.popFirst() }

    /// The next word.
    ///
    /// - Throws: ``TerminalError/commandNotFound`` if there is none: existing nodes match a command by its number of words.
    mutating func word() throws(TerminalError) -> String {
        guard let word = words.popFirst() else { throw .commandNotFound }
        return word
    }

    /// Checks that at least `count` words are left.
    ///
    /// - Throws: ``TerminalError/commandNotFound`` if not.
    func expect(atLeast count: Int) throws(TerminalError) {
        guard words.count >= count else { throw .commandNotFound }
    }

    // MARK: - Numbers

    /// A decimal number, or a hexadecimal one behind `0x`.
    mutating func number<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws(TerminalError) -> Value {
        try Self.number(try word())
    }

    /// A number in `range`.
    mutating func number<Value: FixedWidthInteger>(in range: ClosedRange<Value>) throws(TerminalError) -> Value {
        let value = try number(Value.self)
        guard range.contains(value) else { throw .wrongArguments }
        return value
    }

    /// A number, or `fallback` if no word is left.
    mutating func number<Value: FixedWidthInteger>(or fallback: Value) throws(TerminalError) -> Value {
        guard let word = words.popFirst() else { return fallback }
        return try Self.number(word)
    }

    /// The request handle at the end of many commands, 0 if left out.
    mutating func requestHandle() throws(TerminalError) -> UInt8 { try number(or: 0) }

    /// The value of a word that must be a number of the type.
    static func number<Value: FixedWidthInteger>(_ word: some StringProtocol) throws(TerminalError) -> Value {
        let isNegative = word.hasPrefix("-")
        let digits = word.dropFirst(isNegative ? 1 : 0)
        let isHexadecimal = digits.hasPrefix("0x") || digits.hasPrefix("0X")
        let body = digits.dropFirst(isHexadecimal ? 2 : 0)
        guard body.utf8.first != UInt8(ascii: "+"), body.utf8.first != UInt8(ascii: "-"),
            let magnitude = UInt64(body, radix: isHexadecimal ? 16 : 10), let positive = Int64(exactly: magnitude),
            let value = Value(exactly: isNegative ? -positive : positive)
        else { throw .wrongArguments }
        return value
    }

    // MARK: - Ids

    /// A node id, `this` or `max_hops`; ``NodeID/invalid`` for everything else, to which nothing is sent.
    mutating func node() throws(TerminalError) -> NodeID {
        let word = try word()
        switch word {
        case "this": return ownNodeID
        case "max_hops": return .maximumHops
        default:
            guard let value = try? Self.number(word) as UInt16 else { return .invalid }
            return NodeID(value)
        }
    }

    /// A module by its name, its decimal id or its vendor id behind `0x`.
    mutating func module() throws(TerminalError) -> ModuleIdentifier {
        let word = try word()
        if let id = ModuleID(terminalName: word) { return .plain(id) }
        let value: UInt32 = try Self.number(word)
        if let id = VendorModuleID(rawValue: value), value > UInt8.max { return .vendor(id) }
        guard let id = UInt8(exactly: value), id != VendorModuleID.prefix else { throw .wrongArguments }
        return .plain(ModuleID(rawValue: id))
    }

    /// A serial number in its printed form.
    mutating func serialNumber() throws(TerminalError) -> SerialNumber { try Self.serialNumber(try word()) }

    /// The serial number that a word stands for.
    static func serialNumber(_ word: String) throws(TerminalError) -> SerialNumber {
        do throws(CodingError) {
            return try SerialNumber(parsing: word)
        } catch {
            throw .wrongArguments
        }
    }

    // MARK: - Bytes

    /// At most `capacity` bytes: hexadecimal with colons, base64, or `-` for none.
    mutating func bytes<let capacity: Int>(
        as type: InlineBytes<capacity>.Type = InlineBytes<capacity>.self
    ) throws(TerminalError) -> InlineBytes<capacity> {
        let bytes = try Self.bytes(try word())
        guard bytes.count <= capacity else { throw .wrongArguments }
        return InlineBytes(bytes)
    }

    /// A key of 16 bytes, or `fallback` if no word is left or it is `-`.
    mutating func key(or fallback: FixedBytes<16>) throws(TerminalError) -> FixedBytes<16> {
        guard let word = words.popFirst() else { return fallback }
        let bytes = try Self.bytes(word)
        if bytes.isEmpty { return fallback }
        guard let key = FixedBytes<16>(bytes) else { throw .wrongArguments }
        return key
    }

    /// A device address, most significant byte first, taken as random static.
    mutating func address() throws(TerminalError) -> BleGapAddress {
        let bytes = try Self.bytes(try word())
        guard bytes.count == 6 else { throw .wrongArguments }
        return BleGapAddress(type: .randomStatic, value: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// The bytes that a word stands for.
    ///
    /// A word is hexadecimal if its third character is a colon or if it has fewer than four characters, else base64.
    static func bytes(_ word: String) throws(TerminalError) -> [UInt8] {
        if word == "-" { return [] }
        let characters = Array(word.utf8)
        guard characters.count < 4 || characters[2] == UInt8(ascii: ":") else {
            guard let bytes = Base64.decode(word) else { throw .wrongArguments }
            return bytes
        }
        var bytes: [UInt8] = []
        for pair in word.split(separator: ":", omittingEmptySubsequences: false) {
            guard pair.utf8.count == 2, let byte = Hex.decode(pair) else { throw .wrongArguments }
            bytes += byte
        }
        return bytes
    }
}

extension ModuleID {
    /// The module with a name on the terminal (protocol §1.8).
    init?(terminalName: String) {
        switch terminalName {
        case "node": self = .node
        case "adv": self = .beaconing
        case "scan": self = .scanning
        case "status": self = .statusReporter
        case "dfu": self = .dfu
        case "enroll": self = .enrollment
        case "io": self = .io
        case "debug": self = .debug
        case "ma": self = .meshAccess
        default: return nil
        }
    }
}
