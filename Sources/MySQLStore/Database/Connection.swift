import CMariaDB

/// The one owner of a `MYSQL` handle; used by one thread at a time and explicitly not Sendable.
final class Connection {
  private static let mostStatements = 128

  private let handle: UnsafeMutablePointer<MYSQL>
  private var statements: [String: Statement] = [:]
  /// True once the connection is of no more use.
  private(set) var isLost = false

  /// Connects and sets the session up.
  ///
  /// - Parameter autocommit: false to begin a transaction with every first statement.
  /// - Throws: ``DatabaseError``.
  init(_ configuration: DatabaseConfiguration, autocommit: Bool) throws {
    guard let handle = mysql_init(nil) else {
      throw DatabaseError(.other, message: "mysql_init: out of memory")
    }
    self.handle = handle
    // All properties have values: `deinit` closes the handle also when this throws.
    try connect(configuration, autocommit)
  }

  deinit {
    // Statements first: they belong to the handle.
    statements.removeAll()
    mysql_close(handle)
  }

  private func connect(_ configuration: DatabaseConfiguration, _ autocommit: Bool) throws {
    set(MYSQL_OPT_CONNECT_TIMEOUT, configuration.connectTimeout)
    set(MYSQL_OPT_READ_TIMEOUT, configuration.readTimeout)
    set(MYSQL_OPT_WRITE_TIMEOUT, configuration.writeTimeout)
    mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4")
    // A silent reconnect would lose a transaction and still let COMMIT succeed.
    var reconnects: my_bool = 0
    mysql_options(handle, MYSQL_OPT_RECONNECT, &reconnects)
    // Affected rows are those found, as UPDATE's answer to "is it there" (mysql_real_connect).
    let flags = UInt(CLIENT_FOUND_ROWS)
    guard
      mysql_real_connect(
        handle, configuration.host, configuration.user, configuration.password,
        configuration.name, UInt32(configuration.port), configuration.socket, flags) != nil
    else { throw error(statement: nil) }
    guard String(cString: mysql_character_set_name(handle)) == "utf8mb4" else {
      throw DatabaseError(.other, message: "the connection's character set is not utf8mb4")
    }
    try run(
      """
      SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,\
      NO_ZERO_DATE,NO_ZERO_IN_DATE', time_zone = '+00:00', innodb_lock_wait_timeout = 5,
      autocommit = \(autocommit ? 1 : 0)
      """)
    do {
      // On Galera a read must see what another node has acknowledged.
      try run("SET SESSION wsrep_sync_wait = 1")
    } catch let error as DatabaseError where error.number == 1193 {
      // ER_UNKNOWN_SYSTEM_VARIABLE: a server built without Galera.
    }
  }

  private func set(_ option: mysql_option, _ seconds: UInt32) {
    var seconds = seconds
    mysql_options(handle, option, &seconds)
  }

  /// Runs a statement without values and rows by the text protocol.
  func run(_ text: String) throws {
    var text = text
    let result = text.withUTF8 { bytes in
      mysql_real_query(
        handle, UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self),
        UInt(bytes.count))
    }
    guard result == 0 else { throw error(statement: text) }
    // A migration may hold a SELECT; its rows have to be taken.
    if let rows = mysql_store_result(handle) { mysql_free_result(rows) }
    if mysql_errno(handle) != 0 { throw error(statement: text) }
  }

  /// Executes a prepared statement and hands out its rows.
  ///
  /// A statement that a change of the schema made invalid (1615, 2057) is prepared once again.
  func execute(_ sql: SQL, _ row: (borrowing Row) throws -> Void) throws -> ExecutionResult {
    do {
      return try prepared(sql.text).execute(sql.values, row)
    } catch let error as DatabaseError {
      note(error)
      guard error.number == 1615 || error.number == 2057 else { throw error }
      statements[sql.text] = nil
      return try prepared(sql.text).execute(sql.values, row)
    }
  }

  private func prepared(_ text: String) throws -> Statement {
    if let statement = statements[text] { return statement }
    // So many texts never occur in steady use; starting over is simpler than keeping count.
    if statements.count >= Self.mostStatements { statements.removeAll() }
    let statement = try Statement(handle, text)
    statements[text] = statement
    return statement
  }

  private func error(statement: String?) -> DatabaseError {
    let error = DatabaseError(
      number: mysql_errno(handle), message: String(cString: mysql_error(handle)),
      statement: statement)
    note(error)
    return error
  }

  private func note(_ error: DatabaseError) {
    if error.kind == .lost { isLost = true }
  }
}

/// What a statement without rows did.
public struct ExecutionResult: Sendable {
  /// The rows that a change found, changed or not.
  public let affectedRows: UInt64
  /// The AUTO_INCREMENT value of the row that an INSERT made.
  public let lastInsertID: UInt64
}
