import Dispatch
import Glibc
import Synchronization
import Testing

@testable import MySQLStore

@Suite struct DatabaseTests {
  private func database(_ table: String? = nil) throws -> Database {
    let database = try PrivateMariaDB.shared.makeDatabase()
    if let table { try database.read { session in try session.run(unsafeText: table) } }
    return database
  }

  @Test(arguments: ["", "ሰላም", "👨‍👩‍👧", "a'b\"c\\", String(repeating: "ab", count: 20_000)])
  func textsComeBackAsTheyWent(text: String) throws {
    let database = try database("CREATE TABLE t (a LONGTEXT NULL)")
    try database.transaction { session in
      try session.execute("INSERT INTO t (a) VALUES (\(text))")
    }
    // Twice: the second time the column's place has grown.
    for _ in 0..<2 {
      let read = try database.read { session in
        try session.query("SELECT a FROM t") { row in try row.optionalString(0) }
      }
      #expect(read == [text])
    }
  }

  @Test func nullIsNeitherEmptyNorTheRowBefore() throws {
    let database = try database("CREATE TABLE t (id INT PRIMARY KEY, a TEXT, n INT, b BLOB)")
    let rows: [(String?, Int64?, [UInt8]?)] = [
      ("x", 7, [0, 255]), (nil, nil, nil), ("", 0, []), (nil, nil, nil),
    ]
    try database.transaction { session in
      for (index, row) in rows.enumerated() {
        try session.execute(
          "INSERT INTO t (id, a, n, b) VALUES (\(index), \(row.0), \(row.1), \(row.2))")
      }
    }
    let read = try database.read { session in
      try session.query("SELECT a, n, b FROM t ORDER BY id") { row in
        (try row.optionalString(0), try row.optionalInteger(1), try row.optionalBytes(2))
      }
    }
    #expect(read.map(\.0) == rows.map(\.0))
    #expect(read.map(\.1) == rows.map(\.1))
    #expect(read.map(\.2) == rows.map(\.2))
    #expect(throws: DatabaseError.self) {
      try database.read { session in
        try session.query("SELECT a FROM t ORDER BY id") { row in try row.string(0) }
      }
    }
  }

  @Test func numbersOfEverySize() throws {
    let database = try database(
      "CREATE TABLE t (a TINYINT, b BIGINT, c INT UNSIGNED, d BIGINT UNSIGNED)")
    try database.transaction { session in
      try session.execute(
        "INSERT INTO t VALUES (-128, \(Int64.min), 4294967295, 18446744073709551615)")
    }
    let read = try database.read { session in
      try session.query("SELECT a, b, c FROM t") { row in
        [try row.integer(0), try row.integer(1), try row.integer(2)]
      }
    }
    #expect(read == [[-128, .min, 4_294_967_295]])
    // Beyond Int64: an error, never another number.
    #expect(throws: DatabaseError.self) {
      try database.read { session in
        try session.query("SELECT d FROM t") { row in try row.integer(0) }
      }
    }
  }

  @Test func valuesAreNeverSilentlyCut() throws {
    let database = try database("CREATE TABLE t (a VARCHAR(3), n TINYINT)")
    for sql: SQL in ["INSERT INTO t (a) VALUES (\("abcd"))", "INSERT INTO t (n) VALUES (\(300))"] {
      #expect(throws: DatabaseError.self) {
        try database.transaction { session in try session.execute(sql) }
      }
    }
  }

  @Test func aThrownErrorRollsBackAndNothingLeaks() throws {
    struct Refusal: Error {}
    let database = try database("CREATE TABLE t (a INT PRIMARY KEY)")
    for _ in 0..<20 {
      #expect(throws: Refusal.self) {
        try database.transaction { session in
          try session.execute("INSERT INTO t (a) VALUES (1)")
          throw Refusal()
        }
      }
    }
    let count = try database.read { session in
      try session.first("SELECT COUNT(*) FROM t") { row in try row.integer(0) }
    }
    #expect(count == 0)
    // One that reads and one that writes.
    #expect(database.idleConnections == 2)
    let error = #expect(throws: DatabaseError.self) {
      try database.transaction { session in
        try session.execute("INSERT INTO t (a) VALUES (5)")
        try session.execute("INSERT INTO t (a) VALUES (5)")
      }
    }
    #expect(error?.kind == .duplicateKey)
    // The server's message holds the value: not for the description.
    #expect(error.map { "\($0)".contains("5'") } == false)
  }

  @Test func aStatementSurvivesAChangeOfItsTable() throws {
    let database = try database("CREATE TABLE t (a INT, b TEXT)")
    let select: SQL = "SELECT a, b FROM t"
    try database.read { session in
      _ = try session.query(select) { row in try row.integer(0) }
      try session.run(unsafeText: "ALTER TABLE t ADD COLUMN c INT FIRST, MODIFY b VARCHAR(5)")
      try session.execute("INSERT INTO t (a, b) VALUES (1, 'x')")
      let rows = try session.query(select) { row in try row.string(1) }
      #expect(rows == ["x"])
    }
  }

  @Test func aFailedPreparationLeavesTheConnectionUsable() throws {
    let database = try database()
    #expect(throws: DatabaseError.self) {
      try database.read { session in
        try session.query("SELECT a FROM missing") { row in try row.integer(0) }
      }
    }
    let one = try database.read { session in
      try session.first("SELECT 1") { row in try row.integer(0) }
    }
    #expect(one == 1)
  }

  private func kill(_ number: Int64, _ database: Database) throws {
    try database.read { session in try session.run(unsafeText: "KILL \(number)") }
  }

  private func connectionNumber(_ session: borrowing DatabaseSession) throws -> Int64 {
    try session.first("SELECT CONNECTION_ID()") { row in try row.integer(0) } ?? 0
  }

  @Test func aKilledConnectionIsReplaced() throws {
    let database = try database("CREATE TABLE t (a INT)")
    var runs = 0
    let value = try database.read { session in
      runs += 1
      if runs == 1 { try kill(try connectionNumber(session), database) }
      return try session.first("SELECT 42") { row in try row.integer(0) }
    }
    #expect(value == 42)
    #expect(runs == 2)
    runs = 0
    try database.transaction { session in
      runs += 1
      try session.execute("INSERT INTO t (a) VALUES (\(runs))")
      if runs == 1 { try kill(try connectionNumber(session), database) }
      try session.execute("INSERT INTO t (a) VALUES (\(runs))")
    }
    let rows = try database.read { session in
      try session.query("SELECT a FROM t") { row in try row.integer(0) }
    }
    #expect(rows == [2, 2])
  }

  @Test func aConnectionLostAtCommitLeavesTheOutcomeUnknown() throws {
    let database = try database("CREATE TABLE t (a INT)")
    var runs = 0
    let error = #expect(throws: DatabaseError.self) {
      try database.transaction { session in
        runs += 1
        try session.execute("INSERT INTO t (a) VALUES (1)")
        try kill(try connectionNumber(session), database)
      }
    }
    #expect(error?.kind == .outcomeUnknown)
    #expect(runs == 1)
  }

  @Test func deadlockedTransactionsAreRepeated() throws {
    let database = try database("CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL)")
    try database.transaction { session in
      try session.execute("INSERT INTO t (id, n) VALUES (1, 0), (2, 0)")
    }
    // Both take their first row before either asks for the other's.
    let bothHaveOne = DispatchSemaphore(value: 0)
    let isDone = DispatchSemaphore(value: 0)
    let runs = Mutex([0, 0])
    for index in 0..<2 {
      DispatchQueue.global().async {
        defer { isDone.signal() }
        do {
          try database.transaction { session in
            let run = runs.withLock { runs in
              runs[index] += 1
              return runs[index]
            }
            try session.execute("UPDATE t SET n = n + 1 WHERE id = \(index + 1)")
            if run == 1 {
              bothHaveOne.signal()
              while runs.withLock({ $0.contains(0) }) { sched_yield() }
              _ = bothHaveOne.wait(timeout: .now() + 1)
            }
            try session.execute("UPDATE t SET n = n + 1 WHERE id = \(2 - index)")
          }
        } catch {
          Issue.record(error)
        }
      }
    }
    for _ in 0..<2 { #expect(isDone.wait(timeout: .now() + 30) == .success) }
    let sums = try database.read { session in
      try session.query("SELECT n FROM t") { row in try row.integer(0) }
    }
    #expect(sums == [2, 2])
  }

  @Test func whenAllConnectionsAreInUseTheWaitEnds() throws {
    let database = try database()
    func nested(_ depth: Int) throws {
      try database.read { _ in
        if depth > 0 { try nested(depth - 1) }
      }
    }
    try nested(3)
    let error = #expect(throws: DatabaseError.self) { try nested(4) }
    #expect(error?.kind == .unavailable)
    try nested(3)
  }
}
