import Chat
import FastCGI
import FoundationEssentials

/// The parameters of a request: of the query, and of a JSON or form body, which goes first.
struct Input: Sendable {
  private var fields: [String: InputValue] = [:]

  /// Reads query and body.
  ///
  /// - Throws: `malformed`, `tooLarge`, `unsupportedMediaType`.
  init(_ request: Request) throws {
    if request.bodyIsTooLarge {
      throw Failure(.tooLarge, "The request's body is larger than this server takes.")
    }
    if !request.body.isEmpty { fields = try Self.body(request) }
    if let query = request.parameters.bytes("QUERY_STRING"), !query.isEmpty {
      for (name, value) in try FormEncoding.decode(query) where fields[name] == nil {
        fields[name] = .string(value)
      }
    }
  }

  private static func body(_ request: Request) throws -> [String: InputValue] {
    let type = (request.parameters["CONTENT_TYPE"] ?? "").prefix { $0 != ";" }
      .trimmed().lowercased()
    switch type {
    case "application/json":
      guard String(validating: request.body, as: UTF8.self) != nil else {
        throw Failure(.malformed, "The body is not valid UTF-8.")
      }
      do {
        return try JSONDecoder().decode([String: InputValue].self, from: Data(request.body))
      } catch {
        throw Failure(.malformed, "The body is not a JSON object.")
      }
    case "application/x-www-form-urlencoded":
      var fields: [String: InputValue] = [:]
      for (name, value) in try FormEncoding.decode(request.body) where fields[name] == nil {
        fields[name] = .string(value)
      }
      return fields
    default:
      throw Failure(
        .unsupportedMediaType,
        "Send application/json or application/x-www-form-urlencoded.")
    }
  }

  /// A text; `nil` if the parameter is missing or null.
  ///
  /// - Throws: `invalid` for any other type.
  func string(_ name: String) throws(Failure) -> String? {
    switch fields[name] {
    case nil, .null: return nil
    case .string(let text): return text
    default: throw Failure(.invalid, "\(name) must be a text.")
    }
  }

  /// The number of a row, 1 to 2,147,483,647, as number or digits; `nil` if missing, null or empty.
  ///
  /// - Throws: `invalid` for anything else.
  func identifier(_ name: String) throws(Failure) -> Int64? {
    guard let number = try integer(name) else { return nil }
    guard number >= 1, number <= Int64(Int32.max) else {
      throw Failure(.invalid, "\(name) must be a number from 1 to \(Int32.max).")
    }
    return number
  }

  /// As ``identifier(_:)``, where the parameter must be there.
  func requiredIdentifier(_ name: String) throws(Failure) -> Int64 {
    guard let number = try identifier(name) else { throw Failure(.invalid, "\(name) is missing.") }
    return number
  }

  /// A whole number, as number or digits; `nil` if missing, null or empty.
  ///
  /// - Throws: `invalid` for anything else.
  func integer(_ name: String) throws(Failure) -> Int64? {
    switch fields[name] {
    case nil, .null, .string(""): return nil
    case .integer(let number): return number
    case .string(let text):
      if let number = Int64(text), text.utf8.first != UInt8(ascii: "+") { return number }
    default: break
    }
    throw Failure(.invalid, "\(name) must be a whole number.")
  }

  /// How many rows the client wants: the parameter `limit`.
  ///
  /// - Throws: `invalid` for anything but a number from 1 to `most`.
  func limit(standard: Int, most: Int) throws(Failure) -> Int {
    guard let number = try integer("limit") else { return standard }
    guard number >= 1, number <= Int64(most) else {
      throw Failure(.invalid, "limit must be a number from 1 to \(most).")
    }
    return Int(number)
  }

  /// True or false, also as 1 and 0 or as text; `nil` if missing or null.
  ///
  /// - Throws: `invalid` for anything else.
  func boolean(_ name: String) throws(Failure) -> Bool? {
    switch fields[name] {
    case nil, .null: nil
    case .boolean(let flag): flag
    case .integer(1), .string("true"), .string("1"): true
    case .integer(0), .string("false"), .string("0"): false
    default: throw Failure(.invalid, "\(name) must be true or false.")
    }
  }

  /// The fields of a nested object; `nil` if missing or null.
  ///
  /// - Throws: `invalid` for any other type.
  func object(_ name: String) throws(Failure) -> [String: InputValue]? {
    switch fields[name] {
    case nil, .null: return nil
    case .object(let fields): return fields
    default: throw Failure(.invalid, "\(name) must be an object.")
    }
  }

  /// Whether the parameter was sent at all, be it null.
  func has(_ name: String) -> Bool { fields[name] != nil }
}

/// A value of a JSON body; form and query values are texts.
enum InputValue: Sendable, Equatable, Decodable {
  case string(String)
  case integer(Int64)
  case boolean(Bool)
  case null
  case object([String: InputValue])
  /// A fraction or a list: nothing takes these.
  case other

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .string(text)
    } else if let number = try? container.decode(Int64.self) {
      self = .integer(number)
    } else if let flag = try? container.decode(Bool.self) {
      self = .boolean(flag)
    } else if container.decodeNil() {
      self = .null
    } else if let fields = try? container.decode([String: InputValue].self) {
      self = .object(fields)
    } else {
      self = .other
    }
  }
}

extension Substring {
  /// Without spaces and tabs at both ends.
  func trimmed() -> Substring {
    var text = self
    while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }
}
