import RadioPort

/// Sizes of the controller's units in microseconds.
enum PortUnits {
    /// Connection intervals.
    static let interval: UInt32 = 1250
    /// Supervision time-outs.
    static let supervisionTimeout: UInt32 = 10_000
}

/// How lines name the two ways to write.
enum WriteKindName: String, CaseIterable {
    case command, request

    var kind: WriteKind { self == .command ? .command : .request }

    init(_ kind: WriteKind) { self = kind == .command ? .command : .request }
}

/// How lines name the services.
enum ServiceName: String, CaseIterable {
    case mesh, meshAccess

    var service: Service { self == .mesh ? .mesh : .meshAccess }

    init(_ service: Service) { self = service == .mesh ? .mesh : .meshAccess }
}

/// How lines name the two kinds of address.
enum AddressTypeName: String, CaseIterable {
    case `public`, random

    var kind: Address.Kind { self == .public ? .public : .random }

    init(_ kind: Address.Kind) { self = kind == .public ? .public : .random }
}
