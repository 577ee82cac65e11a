import Testing

@testable import Chat

@Suite struct TextsTests {
  @Test func aMessageIsTrimmedAndItsLineBreaksUnified() throws {
    #expect(try Texts.message(" \r\n one\r\ntwo\rthree \u{3000}") == "one\ntwo\nthree")
  }

  @Test(arguments: ["", " \n\t", "a\0b", "\u{1B}[0m", "\u{85}x\u{9F}"])
  func refusedMessages(text: String) {
    let failure = #expect(throws: Failure.self) { try Texts.message(text) }
    #expect(failure?.code == .invalid)
  }

  @Test func theLongestMessageCountsScalars() throws {
    let longest = String(repeating: "😀", count: Texts.longestMessage)
    #expect(try Texts.message(longest).utf8.count == 16_000)
    #expect(throws: Failure.self) { try Texts.message(longest + "x") }
    // One character of many scalars is as long as its scalars.
    let stacked = "a" + String(repeating: "\u{301}", count: Texts.longestMessage)
    #expect(throws: Failure.self) { try Texts.message(stacked) }
  }

  @Test(arguments: ["a@example.com", "a.b+c@sub.example.et", "ሀ@example.com"])
  func addresses(text: String) throws {
    #expect(try Texts.email(" \(text) ") == text)
  }

  @Test(arguments: [
    "a", "a@b", "@b.c", "a@b..c", "a@.b", "a b@c.d", "a@b@c.d", "<a@b.c>", "a@b.c\0",
  ])
  func refusedAddresses(text: String) {
    #expect(throws: Failure.self) { try Texts.email(text) }
  }
}

@Suite struct ClientMessageIDTests {
  @Test func readsBothCasesAndWritesTheLowerOne() {
    let id = ClientMessageID("0190A1B2-C3D4-7E5F-8091-A2B3C4D5E6F7")
    #expect(id?.description == "0190a1b2-c3d4-7e5f-8091-a2b3c4d5e6f7")
    #expect(id.map { ClientMessageID(bytes: $0.bytes) } == id)
  }

  @Test(arguments: [
    "", "0190a1b2c3d47e5f8091a2b3c4d5e6f7", "0190a1b2-c3d4-7e5f-8091-a2b3c4d5e6f",
    "0190a1b2-c3d4-7e5f-8091_a2b3c4d5e6f7", "g190a1b2-c3d4-7e5f-8091-a2b3c4d5e6f7",
  ])
  func refusesEverythingElse(text: String) {
    #expect(ClientMessageID(text) == nil)
  }
}
