import Chat
import Testing

@testable import MySQLStore

@Suite struct PeopleCacheTests {
  private let id = PersonID(.admin, 1)

  private func active(_ isActive: Bool) -> PeopleCache.Entry {
    PeopleCache.Entry(person: nil, isActive: isActive)
  }

  @Test func anEntryIsReadAgainAfterTwoSeconds() {
    let cache = PeopleCache()
    let start: UInt64 = 10_000_000_000
    #expect(cache.entry(id, now: start) { active(true) }.isActive)
    #expect(cache.entry(id, now: start + 1_999_999_999) { active(false) }.isActive)
    #expect(!cache.entry(id, now: start + 2_000_000_000) { active(false) }.isActive)
    cache.forget(id)
    #expect(cache.entry(id, now: start + 2_000_000_001) { active(true) }.isActive)
  }

  @Test func anEntryThatAnotherThreadStoredLaterIsGood() {
    let cache = PeopleCache()
    _ = cache.entry(id, now: 2_000) { active(true) }
    #expect(cache.entry(id, now: 1_000) { active(false) }.isActive)
  }
}
