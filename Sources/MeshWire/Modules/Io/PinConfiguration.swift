public import ByteCoding

/// How one pin is to be used (protocol §10.7).
///
/// Little-endian, 2 bytes.
///
/// | offset | size | field | meaning                                                       |
/// |-------:|-----:|-------|---------------------------------------------------------------|
/// |      0 |    1 | flags | bits 0-4 pin, bit 5 isOutput, bit 6 inputBuffer, bit 7 unused |
/// |      1 |    1 | flags | bits 0-1 pull, bits 2-4 drive, bits 5-6 sense, bit 7 set      |
public struct PinConfiguration: PackedElement {
    /// Bytes of the encoded form.
    public static let encodedSize = 2

    static let pinField = BitField<UInt8>(offset: 0, width: 5)
    static let isOutputField = BitField<UInt8>(offset: 5, width: 1)
    static let inputBufferField = BitField<UInt8>(offset: 6, width: 1)
    static let unusedField = BitField<UInt8>(offset: 7, width: 1)
    static let pullField = BitField<UInt8>(offset: 0, width: 2)
    static let driveField = BitField<UInt8>(offset: 2, width: 3)
    static let senseField = BitField<UInt8>(offset: 5, width: 2)
    static let setField = BitField<UInt8>(offset: 7, width: 1)

    /// Number of the pin.
    public var pin: UInt8
    /// The pin is an output.
    public var isOutput: Bool
    /// Input buffer bit.
    public var inputBuffer: UInt8
    /// Unused bit, kept as received.
    public var unused: UInt8
    /// Pull resistor.
    public var pull: UInt8
    /// Drive strength.
    public var drive: UInt8
    /// Wake-up sense.
    public var sense: UInt8
    /// Level of an output.
    public var set: Bool

    /// A value from its fields.
    public init(
        pin: UInt8,
        isOutput: Bool,
        inputBuffer: UInt8 = 0,
        unused: UInt8 = 0,
        pull: UInt8 = 0,
        drive: UInt8 = 0,
        sense: UInt8 = 0,
        set: Bool
    ) {
        self.pin = pin
        self.isOutput = isOutput
        self.inputBuffer = inputBuffer
        self.unused = unused
        self.pull = pull
        self.drive = drive
        self.sense = sense
        self.set = set
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        let flags = try reader.read(UInt8.self)
        pin = Self.pinField.get(flags)
        isOutput = Self.isOutputField.get(flags) == 1
        inputBuffer = Self.inputBufferField.get(flags)
        unused = Self.unusedField.get(flags)
        let flags2 = try reader.read(UInt8.self)
        pull = Self.pullField.get(flags2)
        drive = Self.driveField.get(flags2)
        sense = Self.senseField.get(flags2)
        set = Self.setField.get(flags2) == 1
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        var flags: UInt8 = 0
        Self.pinField.set(pin, in: &flags)
        Self.isOutputField.set(isOutput ? 1 : 0, in: &flags)
        Self.inputBufferField.set(inputBuffer, in: &flags)
        Self.unusedField.set(unused, in: &flags)
        try writer.write(flags)
        var flags2: UInt8 = 0
        Self.pullField.set(pull, in: &flags2)
        Self.driveField.set(drive, in: &flags2)
        Self.senseField.set(sense, in: &flags2)
        Self.setField.set(set ? 1 : 0, in: &flags2)
        try writer.write(flags2)
    }
}
