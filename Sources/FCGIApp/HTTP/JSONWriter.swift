/// Writes JSON (RFC 8259) straight into octets; replies are made on the hot path.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  private var needsComma = false

  init(capacity: Int = 512) { bytes.reserveCapacity(capacity) }

  mutating func field(_ name: StaticString, _ value: String) {
    key(name)
    string(value)
  }

  mutating func field(_ name: StaticString, _ value: String?) {
    if let value { field(name, value) } else { null(name) }
  }

  mutating func field(_ name: StaticString, _ value: Int64) {
    key(name)
    integer(value)
  }

  mutating func field(_ name: StaticString, _ value: Int64?) {
    if let value { field(name, value) } else { null(name) }
  }

  mutating func field(_ name: StaticString, _ value: Bool) {
    key(name)
    raw(value ? "true" : "false")
  }

  mutating func null(_ name: StaticString) {
    key(name)
    raw("null")
  }

  /// A text that its reader puts into a document as HTML.
  mutating func field(_ name: StaticString, htmlEncoding value: String) {
    key(name)
    var value = value
    value.withUTF8 { text in
      bytes.append(UInt8(ascii: "\""))
      defer { bytes.append(UInt8(ascii: "\"")) }
      // Most texts have nothing to encode.
      guard text.contains(where: Self.isEncoded) else {
        bytes.append(contentsOf: text)
        return
      }
      for byte in text {
        switch byte {
        case UInt8(ascii: "<"): raw("&lt;")
        case UInt8(ascii: ">"): raw("&gt;")
        case UInt8(ascii: "&"): raw("&amp;")
        case UInt8(ascii: "\""): raw("&quot;")
        case UInt8(ascii: "'"): raw("&#39;")
        default: escape(byte)
        }
      }
    }
  }

  /// Whether an octet is written as others in HTML or in JSON.
  private static func isEncoded(_ byte: UInt8) -> Bool {
    switch byte {
    case 0..<0x20, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: "\""),
      UInt8(ascii: "'"), UInt8(ascii: "\\"):
      true
    default: false
    }
  }

  /// A time of the database, `YYYY-MM-DD HH:MM:SS` in UTC, in the form of RFC 3339, 5.6.
  mutating func field(_ name: StaticString, timestamp stored: String) {
    key(name)
    bytes.append(UInt8(ascii: "\""))
    for byte in stored.utf8 { bytes.append(byte == UInt8(ascii: " ") ? UInt8(ascii: "T") : byte) }
    raw("Z\"")
  }

  /// A time of the database, or null.
  mutating func field(_ name: StaticString, timestamp stored: String?) {
    if let stored { field(name, timestamp: stored) } else { null(name) }
  }

  /// Fields that were written before.
  mutating func fields(written: [UInt8]) {
    guard !written.isEmpty else { return }
    separate()
    bytes.append(contentsOf: written)
    needsComma = true
  }

  /// JSON text that was read from a trusted JSON column.
  mutating func field(_ name: StaticString, json value: String?) {
    key(name)
    if let value { bytes.append(contentsOf: value.utf8) } else { raw("null") }
  }

  mutating func field(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
    key(name)
    object(body)
  }

  mutating func field<Elements: Sequence>(
    _ name: StaticString, array elements: Elements,
    _ body: (inout JSONWriter, Elements.Element) -> Void
  ) {
    key(name)
    bytes.append(UInt8(ascii: "["))
    needsComma = false
    for element in elements {
      if needsComma { bytes.append(UInt8(ascii: ",")) }
      object { writer in body(&writer, element) }
    }
    bytes.append(UInt8(ascii: "]"))
    needsComma = true
  }

  /// An object whose names are numbers, such as counts for each chat.
  mutating func field(_ name: StaticString, numbers: [Int64: Int64]) {
    field(name) { writer in
      for (key, value) in numbers.sorted(by: { $0.key < $1.key }) {
        writer.separate()
        writer.string(String(key))
        writer.bytes.append(UInt8(ascii: ":"))
        writer.integer(value)
        writer.needsComma = true
      }
    }
  }

  mutating func object(_ body: (inout JSONWriter) -> Void) {
    bytes.append(UInt8(ascii: "{"))
    needsComma = false
    body(&self)
    bytes.append(UInt8(ascii: "}"))
    needsComma = true
  }

  private mutating func key(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    raw(name)
    raw("\":")
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
  }

  private mutating func raw(_ text: StaticString) {
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func integer(_ value: Int64) {
    if value >= 0 && value < 10 {
      bytes.append(UInt8(ascii: "0") + UInt8(value))
    } else {
      bytes.append(contentsOf: String(value).utf8)
    }
  }

  private mutating func string(_ value: String) {
    var value = value
    value.withUTF8 { text in
      bytes.append(UInt8(ascii: "\""))
      if text.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) {
        for byte in text { escape(byte) }
      } else {
        bytes.append(contentsOf: text)
      }
      bytes.append(UInt8(ascii: "\""))
    }
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): raw("\\\"")
    case UInt8(ascii: "\\"): raw("\\\\")
    case UInt8(ascii: "\n"): raw("\\n")
    case UInt8(ascii: "\r"): raw("\\r")
    case UInt8(ascii: "\t"): raw("\\t")
    case 0..<0x20:
      raw("\\u00")
      let digits: StaticString = "0123456789abcdef"
      bytes.append(digits.utf8Start[Int(byte >> 4)])
      bytes.append(digits.utf8Start[Int(byte & 15)])
    default: bytes.append(byte)
    }
  }
}
