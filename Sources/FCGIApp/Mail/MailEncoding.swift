import FoundationEssentials

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
    return words.map { "=?utf-8?B?\(Data($0).base64EncodedString())?=" }.joined(separator: "\r\n ")
  }

  /// A text with lines of at most 76 characters that end with CR LF.
  static func quotedPrintable(_ text: String) -> String {
    var output: [UInt8] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if number > 0 { output += [13, 10] }
      var length = 0
      let last = line.utf8.count - 1
      for (index, byte) in line.utf8.enumerated() {
        var form = quotedPrintable(byte, isFirst: length == 0, isLast: index == last)
        if length + form.count > 75 {
          output += [UInt8(ascii: "="), 13, 10]
          length = 0
          form = quotedPrintable(byte, isFirst: true, isLast: index == last)
        }
        output += form
        length += form.count
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// An octet as it stands in a line; spaces at the end would be lost, and a point at the beginning
  /// ends a mail where a server forgets to double it.
  private static func quotedPrintable(_ byte: UInt8, isFirst: Bool, isLast: Bool) -> [UInt8] {
    let isPlain =
      switch byte {
      case UInt8(ascii: "="): false
      case UInt8(ascii: "."): !isFirst
      case 0x20, 0x09: !isLast
      default: byte > 0x20 && byte < 0x7F
      }
    if isPlain { return [byte] }
    let digits = Array("0123456789ABCDEF".utf8)
    return [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }
}
