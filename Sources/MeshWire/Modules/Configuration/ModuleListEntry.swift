public import ByteCoding

/// One module of a node (protocol §10.1, module list v2).
///
/// Little-endian, 6 bytes.
///
/// | offset | size | field           | meaning                           |
/// |-------:|-----:|-----------------|-----------------------------------|
/// |      0 |    4 | wrappedModuleID | wrapped id                        |
/// |      4 |    1 | version         |                                   |
/// |      5 |    1 | flags           | bit 0 isActive, bits 1-7 reserved |
public struct ModuleListEntry: PackedElement {
    /// Bytes of the encoded form.
    public static let encodedSize = 6

    static let isActiveField = BitField<UInt8>(offset: 0, width: 1)
    static let reservedField = BitField<UInt8>(offset: 1, width: 7)

    /// The module in wrapped form, as received.
    public var wrappedModuleID: UInt32
    /// Version of its configuration.
    public var version: UInt8
    /// The module is active.
    public var isActive: Bool
    /// Seven reserved bits, kept as received.
    public var reserved: UInt8

    /// A value from its fields.
    public init(
        wrappedModuleID: UInt32,
        version: UInt8,
        isActive: Bool,
        reserved: UInt8 = 0
    ) {
        self.wrappedModuleID = wrappedModuleID
        self.version = version
        self.isActive = isActive
        self.reserved = reserved
    }

    /// Decodes the fields in the order of the table.
    public init(from reader: inout ByteReader) throws(CodingError) {
        wrappedModuleID = try reader.read()
        version = try reader.read()
        let flags = try reader.read(UInt8.self)
        isActive = Self.isActiveField.get(flags) == 1
        reserved = Self.reservedField.get(flags)
    }

    /// Encodes the fields in the order of the table.
    public func encode(into writer: inout ByteWriter) throws(CodingError) {
        try writer.write(wrappedModuleID)
        try writer.write(version)
        var flags: UInt8 = 0
        Self.isActiveField.set(isActive ? 1 : 0, in: &flags)
        Self.reservedField.set(reserved, in: &flags)
        try writer.write(flags)
    }

    /// An entry for a module, in the form that nodes send.
    public init(module: ModuleIdentifier, version: UInt8, isActive: Bool) {
        self.init(wrappedModuleID: module.wrapped, version: version, isActive: isActive)
    }

    /// The module; nil if the wrapped form is unknown.
    public var module: ModuleIdentifier? { ModuleIdentifier(wrapped: wrappedModuleID) }
}
