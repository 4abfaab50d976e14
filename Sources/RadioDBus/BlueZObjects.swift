/// What BlueZ has told of its objects: adapters, devices, the services and characteristics of peers.
struct BlueZObjects {
    private var objects: [String: [String: [String: BusValue]]] = [:]

    /// Takes the answer of GetManagedObjects for all that was known.
    mutating func replace(_ answer: [BusValue]) {
        objects = [:]
        for (path, interfaces) in answer.first?.entries ?? [] {
            if let path = path.string { add(path, interfaces) }
        }
    }

    /// InterfacesAdded.
    mutating func add(_ path: String, _ interfaces: BusValue) {
        for (interface, properties) in interfaces.entries {
            guard let interface = interface.string else { continue }
            objects[path, default: [:]][interface] = properties.properties
        }
    }

    /// InterfacesRemoved.
    mutating func remove(_ path: String, _ interfaces: [String]) {
        for interface in interfaces { objects[path]?[interface] = nil }
        if objects[path]?.isEmpty == true { objects[path] = nil }
    }

    /// PropertiesChanged.
    mutating func change(_ path: String, _ interface: String, _ properties: [String: BusValue]) {
        guard objects[path]?[interface] != nil else { return }
        objects[path]?[interface]?.merge(properties) { _, new in new }
    }

    /// One property, nil if it is not known.
    func property(_ path: String, _ interface: String, _ name: String) -> BusValue? {
        objects[path]?[interface]?[name]
    }

    /// Whether there is such an object.
    func contains(_ path: String, _ interface: String) -> Bool { objects[path]?[interface] != nil }

    /// Paths of the objects with an interface, below another path, in order.
    func paths(with interface: String, below prefix: String) -> [String] {
        objects.keys.filter { $0.hasPrefix(prefix + "/") && objects[$0]?[interface] != nil }.sorted()
    }
}
