import Glibc

/// The variables of the process, read with checks.
struct Environment: Sendable {
  let values: [String: String]

  /// A variable; `nil` if it is not set or empty.
  func text(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

  /// A whole number.
  ///
  /// - Throws: `SettingsError` if it is none or out of range.
  func number(_ name: String, _ range: ClosedRange<Int>, _ standard: Int) throws -> Int {
    guard let text = text(name) else { return standard }
    guard let number = Int(text), range.contains(number) else {
      throw SettingsError(
        "\(name) must be a number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"."
      )
    }
    return number
  }

  /// A secret: the variable, or the first line of the file that the variable with `_FILE` names.
  ///
  /// - Throws: `SettingsError` if both are set or the file cannot be read.
  func secret(_ name: String) throws -> String? {
    let value = text(name)
    guard let path = text("\(name)_FILE") else { return value }
    if value != nil { throw SettingsError("Set either \(name) or \(name)_FILE, not both.") }
    guard let file = fopen(path, "re") else {
      throw SettingsError("\(name)_FILE names a file that cannot be read: \(path).")
    }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 4_096)
    guard fgets(&buffer, Int32(buffer.count), file) != nil else { return nil }
    let bytes = buffer.prefix { $0 != 0 && $0 != 10 && $0 != 13 }.map { UInt8(bitPattern: $0) }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }
}

/// A wrong value in the environment.
struct SettingsError: Error, CustomStringConvertible {
  /// A sentence that names the variable.
  let description: String

  init(_ sentence: String) { description = sentence }
}
