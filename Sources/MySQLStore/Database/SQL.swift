/// A value bound to a parameter of a statement.
enum SQLValue: Sendable, Equatable {
  case null
  case integer(Int64)
  case text(String)
  case bytes([UInt8])
}

/// An SQL statement or a part of one: literal text, in which every interpolated value is a parameter.
///
///     "SELECT c.status FROM tbl_chats c WHERE c.chat_id = \(chatID)"
///
/// No value ever becomes text. Another `SQL` that is interpolated is spliced in with its values.
public struct SQL: ExpressibleByStringInterpolation, Sendable, Equatable {
  /// The text, with `?` for each value.
  var text: String
  /// The values in the order of their places.
  var values: [SQLValue]

  /// Takes literal text.
  public init(stringLiteral value: String) {
    text = value
    values = []
  }

  /// Takes literal text with values.
  public init(stringInterpolation: StringInterpolation) {
    text = stringInterpolation.text
    values = stringInterpolation.values
  }

  /// Takes text made at run time, such as a statement of a migration file: never with a value in it.
  init(unsafeText: String) {
    text = unsafeText
    values = []
  }

  /// Puts two parts together.
  public static func + (left: SQL, right: SQL) -> SQL {
    var sum = left
    sum += right
    return sum
  }

  /// Appends a part.
  public static func += (left: inout SQL, right: SQL) {
    left.text += right.text
    left.values += right.values
  }

  /// Collects the text and the values of an interpolated literal.
  public struct StringInterpolation: StringInterpolationProtocol {
    var text = ""
    var values: [SQLValue] = []

    /// Makes room.
    public init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + interpolationCount * 2)
      values.reserveCapacity(interpolationCount)
    }

    /// Appends text of the literal.
    public mutating func appendLiteral(_ literal: String) { text += literal }

    /// Appends another part with its values.
    public mutating func appendInterpolation(_ part: SQL) {
      text += part.text
      values += part.values
    }

    /// Binds a whole number or NULL.
    public mutating func appendInterpolation(_ value: Int64?) {
      bind(value.map { .integer($0) } ?? .null)
    }

    /// Binds a whole number.
    public mutating func appendInterpolation(_ value: Int) { bind(.integer(Int64(value))) }

    /// Binds a text or NULL.
    public mutating func appendInterpolation(_ value: String?) {
      bind(value.map { .text($0) } ?? .null)
    }

    /// Binds octets or NULL.
    public mutating func appendInterpolation(_ value: [UInt8]?) {
      bind(value.map { .bytes($0) } ?? .null)
    }

    private mutating func bind(_ value: SQLValue) {
      text += "?"
      values.append(value)
    }
  }
}
