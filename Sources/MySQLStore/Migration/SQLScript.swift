/// Cuts a file of SQL into its statements.
///
/// A semicolon ends a statement, unless it stands in quotes or in a comment (MariaDB Knowledge Base,
/// "Comment Syntax", "String Literals"). There is no DELIMITER: the files have none.
enum SQLScript {
  static func statements(_ text: String) -> [String] {
    var statements: [String] = []
    var current: [UInt8] = []
    let bytes = Array(text.utf8)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
        let end = endOfQuotes(bytes, index)
        current += bytes[index..<end]
        index = end
      case UInt8(ascii: "#"):
        index = endOfLine(bytes, index)
      case UInt8(ascii: "-") where startsDashComment(bytes, index):
        index = endOfLine(bytes, index)
      case UInt8(ascii: "/") where index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "*"):
        index = endOfComment(bytes, index)
      case UInt8(ascii: ";"):
        add(current, to: &statements)
        current = []
        index += 1
      default:
        current.append(byte)
        index += 1
      }
    }
    add(current, to: &statements)
    return statements
  }

  private static func add(_ bytes: [UInt8], to statements: inout [String]) {
    var bytes = bytes[...]
    while let first = bytes.first, first <= UInt8(ascii: " ") { bytes.removeFirst() }
    while let last = bytes.last, last <= UInt8(ascii: " ") { bytes.removeLast() }
    if !bytes.isEmpty { statements.append(String(decoding: bytes, as: UTF8.self)) }
  }

  /// Behind the closing quote; a doubled or escaped one does not close.
  private static func endOfQuotes(_ bytes: [UInt8], _ start: Int) -> Int {
    let quote = bytes[start]
    var index = start + 1
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\\"), quote != UInt8(ascii: "`") {
        index += 2
      } else if bytes[index] == quote {
        if index + 1 < bytes.count, bytes[index + 1] == quote {
          index += 2
        } else {
          return index + 1
        }
      } else {
        index += 1
      }
    }
    return bytes.count
  }

  /// `--` starts a comment only before white space or the end of the line.
  private static func startsDashComment(_ bytes: [UInt8], _ index: Int) -> Bool {
    guard index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "-") else { return false }
    return index + 2 >= bytes.count || bytes[index + 2] <= UInt8(ascii: " ")
  }

  private static func endOfLine(_ bytes: [UInt8], _ start: Int) -> Int {
    bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
  }

  private static func endOfComment(_ bytes: [UInt8], _ start: Int) -> Int {
    var index = start + 2
    while index + 1 < bytes.count {
      if bytes[index] == UInt8(ascii: "*"), bytes[index + 1] == UInt8(ascii: "/") {
        return index + 2
      }
      index += 1
    }
    return bytes.count
  }
}
