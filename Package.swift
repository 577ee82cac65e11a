// swift-tools-version: 6.2

import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error)
]

let package = Package(
  name: "nati-chat",
  products: [
    .executable(name: "nati-chat", targets: ["FCGIApp"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    .systemLibrary(name: "CFastCGI", pkgConfig: "fcgi", providers: [.apt(["libfcgi-dev"])]),
    .systemLibrary(
      name: "CMariaDB", pkgConfig: "libmariadb", providers: [.apt(["libmariadb-dev"])]),
    .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "Threads", swiftSettings: strict),
    .target(name: "Chat", swiftSettings: strict),
    .target(
      name: "FastCGI",
      dependencies: ["CFastCGI", "Threads", .product(name: "Logging", package: "swift-log")],
      swiftSettings: strict),
    .target(
      name: "MySQLStore",
      dependencies: [
        "CMariaDB", "Chat", "Threads",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "FCGIApp",
      dependencies: [
        "CCrypt", "CCurl", "Chat", "FastCGI", "MySQLStore", "Threads",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .testTarget(name: "ChatTests", dependencies: ["Chat"], swiftSettings: strict),
    .testTarget(
      name: "FastCGITests",
      dependencies: ["FastCGI", "Threads", .product(name: "Logging", package: "swift-log")],
      swiftSettings: strict),
    .testTarget(
      name: "MySQLStoreTests",
      dependencies: ["MySQLStore", "Chat", .product(name: "Logging", package: "swift-log")],
      swiftSettings: strict),
    .testTarget(
      name: "FCGIAppTests", dependencies: ["FCGIApp", "Chat", "FastCGI", "MySQLStore"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
