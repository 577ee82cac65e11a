import Chat

/// `application/x-www-form-urlencoded`, as queries and jQuery's posts use it (WHATWG URL, 5.1).
enum FormEncoding {
  /// Names and values in order.
  ///
  /// - Throws: `malformed` if a decoded text is not UTF-8.
  static func decode(_ bytes: [UInt8]) throws(Failure) -> [(name: String, value: String)] {
    var fields: [(name: String, value: String)] = []
    for pair in bytes.split(separator: UInt8(ascii: "&")) {
      let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      let name = try text(pair[..<equals])
      let value = equals == pair.endIndex ? "" : try text(pair[(equals + 1)...])
      fields.append((name: name, value: value))
    }
    return fields
  }

  private static func text(_ encoded: ArraySlice<UInt8>) throws(Failure) -> String {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(encoded.count)
    var index = encoded.startIndex
    while index < encoded.endIndex {
      let byte = encoded[index]
      if byte == UInt8(ascii: "+") {
        decoded.append(UInt8(ascii: " "))
      } else if byte == UInt8(ascii: "%"), index + 2 < encoded.endIndex,
        let high = Hexadecimal.value(of: encoded[index + 1]),
        let low = Hexadecimal.value(of: encoded[index + 2])
      {
        decoded.append(high << 4 | low)
        index += 2
      } else {
        decoded.append(byte)
      }
      index += 1
    }
    guard let text = String(validating: decoded, as: UTF8.self) else {
      throw Failure(.malformed, "A parameter is not valid UTF-8.")
    }
    return text
  }
}
