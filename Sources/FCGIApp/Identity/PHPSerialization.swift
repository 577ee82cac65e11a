/// Reads what PHP's `php` session serializer writes: `name|value` again and again.
///
/// Lengths rule the format (php-src `ext/standard/var.c`): a text is taken by its length, never
/// split. Objects and references are skipped, never made; depth and counts are bounded.
struct PHPSerialization {
  /// A value that can say who somebody is; everything else in a session is skipped.
  enum Value: Equatable {
    case string([UInt8])
    case integer(Int64)
    case other
  }

  /// A text that is not what PHP writes: torn, foreign, or made to mislead.
  struct Malformed: Error {}

  private let bytes: [UInt8]
  private var index = 0
  private static let deepestNesting = 64
  private static let mostElements = 100_000

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The top-level values of a session by their names.
  static func session(_ bytes: [UInt8]) throws(Malformed) -> [String: Value] {
    var parser = PHPSerialization(bytes)
    var values: [String: Value] = [:]
    while parser.index < bytes.count {
      guard let bar = bytes[parser.index...].firstIndex(of: UInt8(ascii: "|")),
        let name = String(validating: bytes[parser.index..<bar], as: UTF8.self)
      else { throw Malformed() }
      parser.index = bar + 1
      values[name] = try parser.value(depth: 0)
    }
    return values
  }

  private mutating func value(depth: Int) throws(Malformed) -> Value {
    if depth > Self.deepestNesting { throw Malformed() }
    let type = try next()
    switch type {
    case UInt8(ascii: "N"):
      try expect(";")
      return .other
    case UInt8(ascii: "i"):
      try expect(":")
      return .integer(try number(until: UInt8(ascii: ";")))
    case UInt8(ascii: "b"), UInt8(ascii: "d"), UInt8(ascii: "r"), UInt8(ascii: "R"):
      try expect(":")
      guard let end = bytes[index...].firstIndex(of: UInt8(ascii: ";")) else { throw Malformed() }
      index = end + 1
      return .other
    case UInt8(ascii: "s"):
      try expect(":")
      let text = try quoted()
      try expect(";")
      return .string(text)
    case UInt8(ascii: "E"):
      try expect(":")
      _ = try quoted()
      try expect(";")
      return .other
    case UInt8(ascii: "a"):
      try expect(":")
      try elements(depth: depth)
      return .other
    case UInt8(ascii: "O"):
      try expect(":")
      _ = try quoted()
      try expect(":")
      try elements(depth: depth)
      return .other
    case UInt8(ascii: "C"):
      try expect(":")
      _ = try quoted()
      try expect(":")
      let length = try length(until: UInt8(ascii: ":"))
      try expect("{")
      _ = try take(length)
      try expect("}")
      return .other
    default:
      throw Malformed()
    }
  }

  /// Skips `count:{key value …}`.
  private mutating func elements(depth: Int) throws(Malformed) {
    let count = try length(until: UInt8(ascii: ":"))
    if count > Self.mostElements { throw Malformed() }
    try expect("{")
    for _ in 0..<count {
      _ = try value(depth: depth + 1)
      _ = try value(depth: depth + 1)
    }
    try expect("}")
  }

  /// Reads `length:"octets"`.
  private mutating func quoted() throws(Malformed) -> [UInt8] {
    let length = try length(until: UInt8(ascii: ":"))
    try expect("\"")
    let octets = try take(length)
    try expect("\"")
    return octets
  }

  private mutating func length(until end: UInt8) throws(Malformed) -> Int {
    let value = try number(until: end)
    guard value >= 0, value <= Int64(bytes.count) else { throw Malformed() }
    return Int(value)
  }

  private mutating func number(until end: UInt8) throws(Malformed) -> Int64 {
    guard let stop = bytes[index...].prefix(24).firstIndex(of: end),
      let value = Int64(String(decoding: bytes[index..<stop], as: UTF8.self))
    else { throw Malformed() }
    index = stop + 1
    return value
  }

  private mutating func take(_ count: Int) throws(Malformed) -> [UInt8] {
    guard count <= bytes.count - index else { throw Malformed() }
    defer { index += count }
    return Array(bytes[index..<(index + count)])
  }

  private mutating func next() throws(Malformed) -> UInt8 {
    guard index < bytes.count else { throw Malformed() }
    defer { index += 1 }
    return bytes[index]
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(Malformed) {
    guard try next() == UInt8(ascii: character) else { throw Malformed() }
  }
}
