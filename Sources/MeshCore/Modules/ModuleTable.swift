import MeshWire

/// The modules that a node reports (protocol §10.1, module list).
///
/// These are the modules that the reference development build registers, in its order and with its configuration versions,
/// so that existing tools find what they expect. It names modules that this node passes on but does not act for.
///
/// | module             | version |
/// |--------------------|--------:|
/// | node               |       2 |
/// | debug              |       2 |
/// | status reporter    |       2 |
/// | beaconing          |       1 |
/// | scanning           |       2 |
/// | enrolment          |       1 |
/// | io                 |       1 |
/// | vendor 0xABCD01F0  |       1 |
/// | MeshAccess         |       2 |
enum ModuleTable {
    /// One module that is registered.
    struct Entry {
        let module: ModuleIdentifier
        let version: UInt8
    }

    static let entries: InlineArray<9, Entry> = [
        Entry(module: .plain(.node), version: 2),
        Entry(module: .plain(.debug), version: 2),
        Entry(module: .plain(.statusReporter), version: 2),
        Entry(module: .plain(.beaconing), version: 1),
        Entry(module: .plain(.scanning), version: 2),
        Entry(module: .plain(.enrollment), version: 1),
        Entry(module: .plain(.io), version: 1),
        Entry(module: .vendor(VendorModuleID(subID: 0x01, company: 0xABCD)), version: 1),
        Entry(module: .plain(.meshAccess), version: 2),
    ]

    /// Whether a module is in the table.
    static func contains(_ module: ModuleIdentifier) -> Bool {
        for index in entries.indices where entries[index].module == module {
            return true
        }
        return false
    }
}
