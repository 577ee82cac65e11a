/// One row of a result, while its closure runs.
public struct Row: ~Copyable {
  private let columns: ColumnBuffer
  private let statement: Statement

  init(columns: ColumnBuffer, statement: Statement) {
    self.columns = columns
    self.statement = statement
  }

  /// A whole number.
  ///
  /// - Throws: ``DatabaseError`` if it is NULL or of another type.
  public func integer(_ column: Int) throws -> Int64 {
    guard let value = try optionalInteger(column) else { throw unexpected(column, "NULL") }
    return value
  }

  /// A whole number, or `nil` for NULL.
  ///
  /// - Throws: ``DatabaseError`` if it is of another type; a DECIMAL, as SUM gives it, is one.
  public func optionalInteger(_ column: Int) throws -> Int64? {
    // NULL leaves everything else as the row before had it: this is asked first.
    if columns.isNull(column) { return nil }
    guard let value = columns.integer(column) else { throw unexpected(column, "no number") }
    return value
  }

  /// A text.
  ///
  /// - Throws: ``DatabaseError`` if it is NULL or of another type.
  public func string(_ column: Int) throws -> String {
    guard let value = try optionalString(column) else { throw unexpected(column, "NULL") }
    return value
  }

  /// A text, or `nil` for NULL; a time is `YYYY-MM-DD HH:MM:SS`.
  ///
  /// - Throws: ``DatabaseError`` if it is a number.
  public func optionalString(_ column: Int) throws -> String? {
    if columns.isNull(column) { return nil }
    if let length = columns.cutLength(column) {
      return String(decoding: try statement.fetchWhole(column, length: length), as: UTF8.self)
    }
    guard let octets = columns.octets(column) else { throw unexpected(column, "no text") }
    return String(decoding: octets, as: UTF8.self)
  }

  /// Octets, or `nil` for NULL.
  ///
  /// - Throws: ``DatabaseError`` if it is a number.
  public func optionalBytes(_ column: Int) throws -> [UInt8]? {
    if columns.isNull(column) { return nil }
    if let length = columns.cutLength(column) {
      return try statement.fetchWhole(column, length: length)
    }
    guard let octets = columns.octets(column) else { throw unexpected(column, "no octets") }
    return Array(octets)
  }

  private func unexpected(_ column: Int, _ what: String) -> DatabaseError {
    DatabaseError(.unexpectedValue, message: "column \(column) has \(what)")
  }
}
