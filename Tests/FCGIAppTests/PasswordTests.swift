import Testing

@testable import FCGIApp

@Suite struct PasswordTests {
  @Test func aNewHashIsPHPsAndMatchesOnlyItsPassword() throws {
    let hash = try #require(Password.hash("ሚስጥር secret"))
    #expect(hash.hasPrefix("$2y$10$") && hash.utf8.count == 60)
    #expect(Password.matches("ሚስጥር secret", stored: hash))
    #expect(!Password.matches("ሚስጥር secreT", stored: hash))
    #expect(!Password.matches("ሚስጥር secret\0x", stored: hash))
    #expect(!Password.matches("", stored: hash))
  }

  @Test func aHashOfPHPMatches() {
    // password_hash('demo', PASSWORD_BCRYPT, ['cost' => 4]) of PHP 8.2
    let stored = "$2y$04$1Nk3qOoqGHvCPBLksOXPa.df11lC.SMSLvFVVMOf.bpSOEjcbK3uO"
    #expect(Password.matches("demo", stored: stored))
    #expect(!Password.matches("Demo", stored: stored))
  }

  @Test func legacyMD5() {
    let stored = "fe01ce2a7fbac8fafaed7c982a04e229"
    #expect(Password.isLegacy(stored))
    #expect(Password.matches("demo", stored: stored))
    #expect(!Password.matches("Demo", stored: stored))
    #expect(!Password.isLegacy(stored.uppercased()))
  }

  @Test(arguments: ["", "*0", "*1", "plain", "$1$abc$def", "$2y$", "$2y$10$short", "x"])
  func nothingMatchesWhatIsNoHash(stored: String) {
    #expect(!Password.matches("plain", stored: stored))
    #expect(!Password.matches(stored, stored: stored))
  }

  @Test func theDummyHashTakesTheSameWork() {
    #expect(Password.dummyHash.hasPrefix("$2y$10$"))
    #expect(!Password.matches("anything", stored: Password.dummyHash))
  }
}
