import Chat
import Testing

@testable import FCGIApp

@Suite struct PHPSerializationTests {
  private func identities(_ session: String, idle: Int = 1_800, now: Int = 10_000) throws
    -> [PersonID]
  {
    try PHPSessions.identities(PHPSerialization.session(Array(session.utf8)), idle, now: now)
  }

  @Test func textAndNumberIdentify() throws {
    #expect(try identities("user_id|s:1:\"4\";") == [PersonID(.customer, 4)])
    #expect(try identities("worker_id|i:12;") == [PersonID(.worker, 12)])
    #expect(
      try identities("id_worker|s:1:\"3\";admin_id|i:2;user_id|s:1:\"1\";")
        == [PersonID(.customer, 1), PersonID(.admin, 2), PersonID(.worker, 3)])
  }

  @Test func lengthsRuleTheFormat() throws {
    // What looks like a key inside a text is text.
    let misleading = "name|s:20:\"x\";user_id|s:1:\"9\";y\";user_id|s:1:\"4\";"
    #expect(try identities(misleading) == [PersonID(.customer, 4)])
    let session =
      "cart|a:1:{s:7:\"user_id\";i:9;}thing|O:3:\"Foo\":1:{s:7:\"user_id\";i:9;}admin_id|i:1;"
    #expect(try identities(session) == [PersonID(.admin, 1)])
    #expect(try identities("x|C:3:\"Foo\":4:{ab;}}user_id|i:4;") == [PersonID(.customer, 4)])
    #expect(try identities("x|E:5:\"A:One\";r|R:1;n|N;b|b:1;d|d:0.5;").isEmpty)
  }

  @Test func idleAdminsAreLoggedOut() throws {
    #expect(try identities("admin_id|i:1;last_activity|i:8200;") == [PersonID(.admin, 1)])
    #expect(try identities("admin_id|i:1;last_activity|i:8199;").isEmpty)
  }

  @Test(arguments: [
    "user_id|s:1:\"0\";", "user_id|s:2:\"-4\";", "user_id|s:2:\" 4\";", "user_id|b:1;",
    "user_id|d:4;", "user_id|s:0:\"\";", "user_id|s:20:\"99999999999999999999\";", "",
  ])
  func nobody(session: String) throws {
    #expect(try identities(session).isEmpty)
  }

  @Test(arguments: [
    "user_id", "user_id|", "user_id|s:1:\"4", "user_id|s:2:\"4\";", "user_id|i:4", "user_id|i:x;",
    "user_id|s:-1:\"\";", "user_id|s:99999999999:\"4\";", "x|a:2:{i:0;i:1;}", "x|z:1;", "x|a:-1:{}",
  ])
  func tornFiles(session: String) {
    #expect(throws: PHPSerialization.Malformed.self) {
      try PHPSerialization.session(Array(session.utf8))
    }
  }

  @Test func everyCutOfASessionIsTornOrShorter() throws {
    let whole = Array("a|a:1:{s:1:\"k\";a:1:{i:0;N;}}user_id|s:1:\"4\";admin_id|i:1;".utf8)
    for length in whole.indices {
      let values = try? PHPSerialization.session(Array(whole[..<length]))
      #expect(values?["admin_id"] == nil)
    }
  }

  @Test func deepNestingIsRefused() {
    let deep = "a|" + String(repeating: "a:1:{i:0;", count: 100_000)
    #expect(throws: PHPSerialization.Malformed.self) {
      try PHPSerialization.session(Array(deep.utf8))
    }
  }
}
