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
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "Thicket",
    products: [
        .executable(name: "thicket", targets: ["thicket"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
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
        .target(name: "MeshCrypto", dependencies: ["MeshCore", crypto, cryptoExtras], swiftSettings: settings),
        .target(
            name: "RadioFake",
            dependencies: ["ByteCoding", "RadioPort"],
            swiftSettings: settings
        ),
        .target(
            name: "MeshConfiguration",
            dependencies: ["MeshWire", yams],
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
                "ByteCoding", "MeshWire", "RadioPort", "MeshCore", "MeshCrypto", "MeshConfiguration", "MeshSimulator",
                arguments,
            ],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
