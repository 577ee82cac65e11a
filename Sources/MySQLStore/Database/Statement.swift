import CMariaDB

/// The one owner of a `MYSQL_STMT` handle and of the memory its values pass through.
///
/// libmariadb copies the `MYSQL_BIND` array but keeps its pointers until execute (parameters) or
/// the last fetch (columns): both kinds of values live in memory of the statement's own.
final class Statement {
  private let handle: UnsafeMutablePointer<MYSQL_STMT>
  private let connection: UnsafeMutablePointer<MYSQL>
  private let text: String
  private var parameters = ParameterBuffer()
  private var columns: ColumnBuffer?

  /// Prepares a statement.
  ///
  /// - Throws: ``DatabaseError``.
  init(_ connection: UnsafeMutablePointer<MYSQL>, _ text: String) throws {
    guard let handle = mysql_stmt_init(connection) else {
      throw DatabaseError(
        number: mysql_errno(connection), message: String(cString: mysql_error(connection)),
        statement: text)
    }
    self.handle = handle
    self.connection = connection
    self.text = text
    var copy = text
    let result = copy.withUTF8 { bytes in
      mysql_stmt_prepare(
        handle, UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self),
        UInt(bytes.count))
    }
    // All properties have values: `deinit` closes the handle also when this throws.
    guard result == 0 else { throw error() }
    if let metadata = mysql_stmt_result_metadata(handle) {
      defer { mysql_free_result(metadata) }
      columns = ColumnBuffer(metadata)
    }
  }

  deinit { mysql_stmt_close(handle) }

  /// Executes with these values and hands out the rows, all of which were taken from the server.
  ///
  /// - Throws: ``DatabaseError``, or what `row` throws.
  func execute(
    _ values: [SQLValue], _ row: (borrowing Row) throws -> Void
  ) throws -> ExecutionResult {
    precondition(
      mysql_stmt_param_count(handle) == UInt(values.count), "wrong number of values: \(text)")
    let isBound = parameters.bind(values) { binds in mysql_stmt_bind_param(handle, binds) == 0 }
    guard isBound, mysql_stmt_execute(handle) == 0 else { throw error() }
    guard let columns else {
      return ExecutionResult(
        affectedRows: mysql_stmt_affected_rows(handle), lastInsertID: mysql_stmt_insert_id(handle))
    }
    // Rows left at the server would make every other statement of the connection fail (2014).
    defer { mysql_stmt_free_result(handle) }
    guard columns.bind({ binds in mysql_stmt_bind_result(handle, binds) == 0 }),
      mysql_stmt_store_result(handle) == 0
    else { throw error() }
    try fetchAll(columns, row)
    return ExecutionResult(affectedRows: 0, lastInsertID: 0)
  }

  private func fetchAll(_ columns: ColumnBuffer, _ row: (borrowing Row) throws -> Void) throws {
    while true {
      switch mysql_stmt_fetch(handle) {
      case 0, MYSQL_DATA_TRUNCATED:
        // A name of its own: lending a temporary makes the optimizer of Swift 6.3.1 fail.
        let current = Row(columns: columns, statement: self)
        try row(current)
      case MYSQL_NO_DATA:
        return
      default:
        throw error()
      }
    }
  }

  /// Fetches one value of the current row that was longer than its buffer.
  func fetchWhole(_ column: Int, length: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: length)
    var fetched: UInt = 0
    let result = bytes.withUnsafeMutableBytes { buffer in
      withUnsafeMutablePointer(to: &fetched) { fetched in
        var bind = MYSQL_BIND()
        bind.buffer_type = MYSQL_TYPE_STRING
        bind.buffer = buffer.baseAddress
        bind.buffer_length = UInt(buffer.count)
        bind.length = fetched
        return mysql_stmt_fetch_column(handle, &bind, UInt32(column), 0)
      }
    }
    guard result == 0 else { throw error() }
    return bytes
  }

  /// The statement's error; after a lost connection only the connection may know the number.
  private func error() -> DatabaseError {
    let number = mysql_stmt_errno(handle)
    if number != 0 {
      return DatabaseError(
        number: number, message: String(cString: mysql_stmt_error(handle)), statement: text)
    }
    return DatabaseError(
      number: mysql_errno(connection), message: String(cString: mysql_error(connection)),
      statement: text)
  }
}
