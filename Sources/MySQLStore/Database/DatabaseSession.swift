/// A connection, lent to a closure that it cannot leave.
public struct DatabaseSession: ~Copyable {
  private let connection: Connection

  init(_ connection: Connection) { self.connection = connection }

  /// What the closure makes of each row.
  ///
  /// - Throws: ``DatabaseError``, or what the closure throws.
  public func query<T>(_ sql: SQL, _ row: (borrowing Row) throws -> T) throws -> [T] {
    var values: [T] = []
    _ = try connection.execute(sql) { values.append(try row($0)) }
    return values
  }

  /// What the closure makes of the first row, or `nil` if there is none.
  ///
  /// - Throws: ``DatabaseError``, or what the closure throws.
  public func first<T>(_ sql: SQL, _ row: (borrowing Row) throws -> T) throws -> T? {
    var value: T?
    _ = try connection.execute(sql) { if value == nil { value = try row($0) } }
    return value
  }

  /// Executes a statement that gives no rows.
  ///
  /// - Throws: ``DatabaseError``.
  @discardableResult
  public func execute(_ sql: SQL) throws -> ExecutionResult { try connection.execute(sql) { _ in } }

  /// Runs text made at run time, such as a statement of a migration file; never with a value in it.
  func run(unsafeText text: String) throws { try connection.run(text) }
}
