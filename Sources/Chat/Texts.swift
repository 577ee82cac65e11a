/// The rules for text that people write: messages, subjects, names.
public enum Texts {
  /// The longest message, in Unicode scalars: at most 16,000 octets in a TEXT column of 65,535.
  public static let longestMessage = 4_000
  /// The longest subject, in Unicode scalars.
  public static let longestSubject = 200

  /// A message as it is stored: trimmed, with `\n` as the only line break.
  ///
  /// - Throws: `invalid` if it is empty, too long or has control characters.
  public static func message(_ text: String) throws(Failure) -> String {
    let trimmed = trim(unifyLineBreaks(text))
    if trimmed.isEmpty { throw Failure(.invalid, "The message is empty.") }
    if trimmed.unicodeScalars.count > longestMessage {
      throw Failure(.invalid, "A message has at most \(longestMessage) characters.")
    }
    if trimmed.unicodeScalars.contains(where: { isControl($0) && $0 != "\n" && $0 != "\t" }) {
      throw Failure(.invalid, "The message has control characters.")
    }
    return trimmed
  }

  /// A single line such as a name: trimmed; `nil` if nothing is left.
  ///
  /// - Throws: `invalid` if it is too long or has control characters, naming the field.
  public static func line(
    _ text: String, field: String, atMost limit: Int
  ) throws(Failure) -> String? {
    let trimmed = trim(text)
    if trimmed.isEmpty { return nil }
    if trimmed.unicodeScalars.count > limit {
      throw Failure(.invalid, "\(field) has at most \(limit) characters.")
    }
    if trimmed.unicodeScalars.contains(where: isControl) {
      throw Failure(.invalid, "\(field) has control characters.")
    }
    return trimmed
  }

  /// An e-mail address that could be delivered to: one `@`, a dotted domain, no spaces.
  ///
  /// The full grammar (RFC 5322, 3.4.1) allows forms no mail provider gives out; those are refused.
  ///
  /// - Throws: `invalid` otherwise.
  public static func email(_ text: String) throws(Failure) -> String? {
    guard let address = try line(text, field: "email", atMost: 254) else { return nil }
    let parts = address.split(separator: "@", omittingEmptySubsequences: false)
    let wrong = Failure(.invalid, "This is not an e-mail address.")
    guard parts.count == 2, !parts[0].isEmpty, parts[0].utf8.count <= 64 else { throw wrong }
    let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2, labels.allSatisfy({ !$0.isEmpty }) else { throw wrong }
    let refused = Set("\"(),:;<>[\\] ".unicodeScalars)
    if address.unicodeScalars.contains(where: { refused.contains($0) || $0.properties.isWhitespace }
    ) {
      throw wrong
    }
    return address
  }

  /// A new password, as bcrypt can take it: 8 octets at least, 72 at most, no NUL.
  ///
  /// - Throws: `invalid` otherwise.
  public static func newPassword(_ text: String) throws(Failure) -> String {
    if text.utf8.count < 8 { throw Failure(.invalid, "A password has at least 8 characters.") }
    if text.utf8.count > 72 { throw Failure(.invalid, "A password has at most 72 bytes.") }
    if text.utf8.contains(0) { throw Failure(.invalid, "A password has no NUL characters.") }
    return text
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control
  }

  private static func unifyLineBreaks(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "\r")) else { return text }
    var scalars = String.UnicodeScalarView()
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      if scalar == "\r" {
        scalars.append("\n")
      } else if !(scalar == "\n" && previous == "\r") {
        scalars.append(scalar)
      }
      previous = scalar
    }
    return String(scalars)
  }

  private static func trim(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }
}
