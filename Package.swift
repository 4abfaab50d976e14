// swift-tools-version: 6.2
import PackageDescription

/// Settings shared by every target: strict imports, explicit existentials, warnings are errors.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// Recordings of the reference implementation; the tests read them where they lie.
let goldenFiles = [
    "access_encryption_handshake.json",
    "aes128_block.json",
    "cluster_id.json",
    "cluster_score.json",
    "crc.json",
    "join_me_advertising.json",
    "mesh_handshake.json",
    "mesh_handshake_rejected.json",
    "mesh_reconnect.json",
    "packet_encryption.json",
    "restrained_key.json",
    "serial_number_from_index.json",
    "serial_number_parse.json",
    "session_key.json",
    "split_packets.json",
    "terminal_crc.json",
    "terminal_other.json",
    "terminal_ping.json",
    "terminal_raw_data.json",
    "terminal_routing.json",
    "terminal_status_reporter.json",
    "terminal_time_sync.json",
    "user_derived_key.json",
]

let package = Package(
    name: "Thicket",
    products: [
        .executable(name: "thicket", targets: ["thicket"]),
        .executable(name: "thicketd", targets: ["thicketd"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    ],
    targets: [
        .target(
            name: "ByteCoding",
            swiftSettings: settings + [.enableExperimentalFeature("Lifetimes"), .strictMemorySafety()]
        ),
        .target(name: "MeshWire", dependencies: ["ByteCoding"], swiftSettings: settings),
        .target(name: "RadioPort", dependencies: ["ByteCoding"], swiftSettings: settings),
        .target(name: "MeshCore", dependencies: ["ByteCoding", "MeshWire", "RadioPort"], swiftSettings: settings),
        .target(name: "MeshTerminal", dependencies: ["ByteCoding", "MeshWire"], swiftSettings: settings),
        .target(
            name: "MeshCrypto",
            dependencies: ["ByteCoding", "RadioPort", "MeshCore", crypto, cryptoExtras],
            swiftSettings: settings
        ),
        .target(name: "RadioFake", dependencies: ["ByteCoding", "RadioPort"], swiftSettings: settings),
        .target(name: "CLinux", swiftSettings: settings),
        .target(
            name: "LinuxSystem",
            dependencies: ["RadioPort", "CLinux"],
            swiftSettings: settings
        ),
        .target(name: "BluetoothWire", dependencies: ["ByteCoding"], swiftSettings: settings),
        .target(
            name: "BluetoothHost",
            dependencies: ["ByteCoding", "BluetoothWire", "RadioPort"],
            swiftSettings: settings
        ),
        .systemLibrary(name: "CBluetooth", providers: [.apt(["libbluetooth-dev"])]),
        .target(
            name: "BluetoothManagement",
            dependencies: ["ByteCoding", "BluetoothWire", "RadioPort", "LinuxSystem", "CBluetooth"],
            swiftSettings: settings
        ),
        .target(
            name: "RadioHCI",
            dependencies: [
                "ByteCoding", "BluetoothWire", "BluetoothHost", "BluetoothManagement", "RadioPort", "LinuxSystem",
            ],
            swiftSettings: settings
        ),
        .systemLibrary(name: "CDBus", pkgConfig: "dbus-1", providers: [.apt(["libdbus-1-dev"])]),
        .target(
            name: "RadioDBus",
            dependencies: [
                "ByteCoding", "BluetoothWire", "BluetoothManagement", "RadioPort", "LinuxSystem", "CDBus",
            ],
            swiftSettings: settings
        ),
        .target(
            name: "MeshConfiguration",
            dependencies: ["ByteCoding", "MeshWire", "MeshCore", "RadioPort", yams],
            swiftSettings: settings
        ),
        .target(
            name: "MeshControl",
            dependencies: ["ByteCoding", "MeshWire", "MeshCore", "RadioPort", "LinuxSystem", "MeshConfiguration"],
            swiftSettings: settings
        ),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "MeshCapture",
            dependencies: [
                "ByteCoding", "MeshWire", "RadioPort", "MeshCore", "MeshCrypto", "LinuxSystem", "CZlib", crypto,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "MeshHistory",
            dependencies: ["MeshWire", "MeshCore", "RadioPort", grdb],
            swiftSettings: settings
        ),
        .target(
            name: "MeshDoctor",
            dependencies: [
                "ByteCoding", "BluetoothWire", "BluetoothHost", "BluetoothManagement", "CLinux", "LinuxSystem",
                "MeshWire", "MeshConfiguration", "MeshControl",
            ],
            swiftSettings: settings
        ),
        .target(
            name: "MeshDaemon",
            dependencies: [
                "ByteCoding", "MeshWire", "MeshCore", "MeshCrypto", "MeshConfiguration", "MeshControl", "MeshCapture",
                "MeshHistory", "RadioPort", "RadioHCI", "RadioDBus", "LinuxSystem", logging,
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "thicketd",
            dependencies: ["MeshConfiguration", "MeshControl", "MeshDaemon", arguments],
            swiftSettings: settings
        ),
        .target(
            name: "MeshSimulator",
            dependencies: [
                "ByteCoding", "MeshWire", "RadioPort", "MeshCore", "MeshCrypto", "RadioFake", "MeshConfiguration",
            ],
            path: "Simulator/Engine",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "thicket",
            dependencies: [
                "ByteCoding", "MeshWire", "RadioPort", "MeshCore", "MeshCrypto", "RadioFake", "LinuxSystem",
                "MeshConfiguration", "MeshControl", "MeshCapture", "MeshDoctor", "MeshHistory", "MeshSimulator",
                "MeshTerminal", arguments,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "ModelChecking",
            dependencies: ["ByteCoding", "MeshWire", "RadioPort", "MeshCore"],
            path: "Tests/ModelChecker/Engine",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ModelChecker",
            dependencies: ["MeshCore", "ModelChecking", arguments],
            path: "Tests/ModelChecker/Tool",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ControlLoad",
            dependencies: [
                "MeshConfiguration", "MeshControl", "MeshCore", "MeshWire", "RadioFake", "RadioPort", "LinuxSystem",
                arguments,
            ],
            path: "Tests/Benchmarks/ControlLoad",
            swiftSettings: settings
        ),
        .testTarget(name: "ModelCheckerTests", dependencies: ["MeshCore", "ModelChecking"], swiftSettings: settings),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
        .testTarget(name: "ByteCodingTests", dependencies: ["ByteCoding"], swiftSettings: settings),
        .testTarget(
            name: "MeshWireTests",
            dependencies: ["ByteCoding", "MeshWire", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(name: "LinuxSystemTests", dependencies: ["LinuxSystem", "RadioPort"], swiftSettings: settings),
        .testTarget(
            name: "BluetoothWireTests",
            dependencies: ["ByteCoding", "BluetoothWire", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "BluetoothHostTests",
            dependencies: ["ByteCoding", "BluetoothWire", "BluetoothHost", "RadioPort", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MeshTerminalTests",
            dependencies: ["ByteCoding", "MeshWire", "MeshTerminal", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MeshCryptoTests",
            dependencies: ["ByteCoding", "MeshCore", "MeshCrypto", "RadioPort"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AccessTests",
            dependencies: ["ByteCoding", "MeshWire", "MeshCore", "MeshCrypto", "RadioPort", "RadioFake"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MeshCoreTests",
            dependencies: ["ByteCoding", "MeshWire", "MeshCore", "MeshCrypto", "RadioPort", "RadioFake"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MeshConfigurationTests",
            dependencies: ["MeshWire", "MeshCore", "RadioPort", "MeshConfiguration"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MeshSimulatorTests",
            dependencies: [
                "ByteCoding", "MeshWire", "RadioPort", "MeshCore", "RadioFake", "MeshConfiguration", "MeshSimulator",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ThicketTests",
            dependencies: [
                "thicket", "ByteCoding", "LinuxSystem", "MeshCore", "MeshWire", "RadioPort", "MeshConfiguration",
                "MeshControl", "MeshCapture", "MeshDoctor", "MeshHistory", "MeshSimulator", "MeshTerminal",
                "TestSupport", arguments,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "GoldenTests",
            dependencies: ["ByteCoding", "MeshWire", "MeshTerminal", "RadioPort", "MeshCore", "MeshCrypto"],
            path: "Tests/Golden",
            exclude: goldenFiles,
            swiftSettings: settings
        ),
        .testTarget(
            name: "RadioHCITests",
            dependencies: [
                "ByteCoding", "BluetoothWire", "RadioPort", "RadioHCI", "LinuxSystem", "CBluetooth", "TestSupport",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MeshCaptureTests",
            dependencies: [
                "ByteCoding", "MeshWire", "RadioPort", "MeshCore", "MeshCrypto", "LinuxSystem", "MeshCapture",
                "MeshConfiguration", "MeshSimulator", "TestSupport",
            ],
            swiftSettings: settings
        ),
        .target(name: "CrashPoints", path: "Tests/HistoryCrasher/CrashPoints"),
        .executableTarget(
            name: "HistoryCrasher",
            dependencies: ["CrashPoints", "MeshCore", "MeshHistory", "MeshWire", "RadioPort"],
            path: "Tests/HistoryCrasher/Tool",
            swiftSettings: settings
        ),
        .testTarget(
            name: "MeshHistoryTests",
            dependencies: [
                "HistoryCrasher", "MeshCore", "MeshHistory", "MeshWire", "RadioPort", "TestSupport", grdb,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MeshControlTests",
            dependencies: [
                "ByteCoding", "LinuxSystem", "MeshWire", "RadioPort", "MeshCore", "MeshCrypto", "MeshConfiguration",
                "MeshControl", "RadioFake", "TestSupport",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MeshDoctorTests",
            dependencies: ["ByteCoding", "BluetoothWire", "MeshControl", "MeshDoctor", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MeshDaemonTests",
            dependencies: [
                "ByteCoding", "LinuxSystem", "MeshWire", "MeshCore", "MeshConfiguration", "MeshControl", "MeshCapture",
                "MeshDaemon", "RadioPort", "RadioFake", "TestSupport", logging,
            ],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
