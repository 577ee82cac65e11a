import Testing

@testable import MySQLStore

@Suite struct SQLTests {
  @Test func valuesNeverBecomeText() {
    let name = "x'; DROP TABLE tbl_chats; --"
    let part: SQL = "b = \(2 as Int64)"
    let none: Int64? = nil
    let sql: SQL = "SELECT a FROM t WHERE a = \(name) AND \(part) AND c <=> \(none)"
    #expect(sql.text == "SELECT a FROM t WHERE a = ? AND b = ? AND c <=> ?")
    #expect(sql.values == [.text(name), .integer(2), .null])
  }

  @Test func aScriptIsCutAtItsStatementsOnly() {
    let script = """
      -- a comment; with a semicolon
      SET a = 'x;y''z\\';', b = "p;q", `c;d` = 1; # another; one
      /* and; a third */ DROP TABLE t ;;
      SELECT 1--1;
      """
    #expect(
      SQLScript.statements(script) == [
        "SET a = 'x;y''z\\';', b = \"p;q\", `c;d` = 1", "DROP TABLE t", "SELECT 1--1",
      ])
  }
}

@Suite struct PoolStateTests {
  @Test func aFailedAttemptMakesOthersFailForAWhile() {
    var state = PoolState<Int>()
    state.connectFailed(now: 1_000)
    func decides(_ now: UInt64) -> String {
      switch state.take(now: now) {
      case .use(let lease): "use \(lease)"
      case .connect: "connect"
      case .fail: "fail"
      }
    }
    #expect(decides(1_001) == "fail")
    #expect(decides(1_000 + PoolState<Int>.pauseAfterFailure) == "connect")
    #expect(state.giveBack(7, isLost: false).isEmpty)
    #expect(decides(1_001) == "use 7")
    #expect(decides(1_001) == "connect")
  }

  @Test func aLostConnectionTakesTheIdleOnesWithIt() {
    var state = PoolState<Int>()
    _ = state.giveBack(1, isLost: false)
    _ = state.giveBack(2, isLost: false)
    #expect(state.giveBack(3, isLost: true) == [1, 2, 3])
    #expect(state.idle.isEmpty)
  }
}
