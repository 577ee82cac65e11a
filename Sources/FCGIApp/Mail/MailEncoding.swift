/// The encodings of mail: headers (RFC 2047) and quoted-printable bodies (RFC 2045, 6.7).
enum MailEncoding {
  /// A header's text in ASCII: as it is, or as encoded words of at most 75 characters.
  ///
  /// Line breaks and other control characters become spaces: no text can begin a header of its own.
  static func text(_ text: String) -> String {
    let line = singleLine(text)
    let isPlain = line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    // What looks like an encoded word would be taken for one.
    return isPlain && !line.contains("=?") && line.utf8.count < 70 ? line : encodedWords(line)
  }

  /// A display name: quoted if it has special characters.
  static func phrase(_ name: String) -> String {
    let line = singleLine(name)
    let isPlain = line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    guard isPlain, !line.contains("=?"), line.utf8.count < 60 else { return encodedWords(line) }
    let quoted = line.unicodeScalars.reduce(into: "") { quoted, scalar in
      if scalar == "\"" || scalar == "\\" { quoted += "\\" }
      quoted.unicodeScalars.append(scalar)
    }
    return "\"\(quoted)\""
  }

  private static func singleLine(_ text: String) -> String {
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isBreak =
        scalar.properties.generalCategory == .control
        || scalar.properties.generalCategory == .lineSeparator
        || scalar.properties.generalCategory == .paragraphSeparator
      line.append(isBreak ? " " : scalar)
    }
    return String(line)
  }

  /// Whole characters in each word, folded onto lines of their own.
  private static func encodedWords(_ text: String) -> String {
    var words: [[UInt8]] = [[]]
    for scalar in text.unicodeScalars {
      let bytes = Array(String(scalar).utf8)
      // Base64 of 45 octets and the frame: 72 characters.
      if words[words.count - 1].count + bytes.count > 45 { words.append([]) }
      words[words.count - 1] += bytes
    }
    return words.map { "=?utf-8?B?\(base64($0))?=" }.joined(separator: "\r\n ")
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let part = bytes[start..<min(start + 3, bytes.count)]
      let bits = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
      for place in 0..<4 {
        text.append(
          place <= part.count ? digits[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// A text with lines of at most 76 characters that end with CR LF.
  static func quotedPrintable(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var output: [UInt8] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if number > 0 { output += [13, 10] }
      var length = 0
      let bytes = Array(line.utf8)
      for (index, byte) in bytes.enumerated() {
        let isLast = index == bytes.count - 1
        let isSpace = byte == 0x20 || byte == 0x09
        // A point alone on a line ends a mail where a server forgets to double it.
        let isPlain =
          (byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "=")
            && !(byte == UInt8(ascii: ".") && length == 0)) || (isSpace && !isLast)
        let size = isPlain ? 1 : 3
        if length + size > 75 {
          output += [UInt8(ascii: "="), 13, 10]
          length = 0
        }
        if isPlain, !(byte == UInt8(ascii: ".") && length == 0) {
          output.append(byte)
          length += 1
        } else {
          output += [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
          length += 3
        }
      }
    }
    return String(decoding: output, as: UTF8.self)
  }
}
