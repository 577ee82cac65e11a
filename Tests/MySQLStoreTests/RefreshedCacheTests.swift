import Testing

@testable import MySQLStore

@Suite struct RefreshedCacheTests {
  private let second: UInt64 = 1_000_000_000

  @Test func aValueIsReadAgainWhenItIsTooOld() {
    let cache = RefreshedCache<Int, String>(capacity: 10)
    #expect(cache.value(1, now: 100 * second) { "old" } == "old")
    #expect(cache.value(1, now: 105 * second - 1) { "new" } == "old")
    #expect(cache.value(1, now: 105 * second) { "new" } == "new")
    cache.forget(1)
    #expect(cache.value(1, now: 105 * second) { "newest" } == "newest")
  }

  @Test func whatIsNotThereIsNotKept() {
    let cache = RefreshedCache<Int, String>(capacity: 10)
    #expect(cache.value(1, now: second) { nil } == nil)
    #expect(cache.value(1, now: second) { "there" } == "there")
    #expect(cache.value(1, now: 9 * second) { nil } == nil)
    #expect(cache.keysInUse(now: 9 * second).isEmpty)
  }

  @Test func upkeepKeepsWhatIsUsedFreshAndEndsWhatIsGone() {
    let cache = RefreshedCache<Int, String>(capacity: 10)
    _ = cache.value(1, now: second) { "one" }
    _ = cache.value(2, now: second) { "two" }
    cache.refresh([1, 2, 3], [1: "one more", 3: "three"], readAt: 90 * second)
    #expect(cache.value(1, now: 90 * second) { "read" } == "one more")
    #expect(cache.value(2, now: 90 * second) { "read" } == "read")
    // 3 was nobody's: upkeep does not bring back what was forgotten meanwhile.
    #expect(cache.value(3, now: 90 * second) { "read" } == "read")
    #expect(cache.keysInUse(now: 180 * second - 1).sorted() == [1, 2, 3])
    #expect(cache.keysInUse(now: 180 * second).isEmpty)
  }

  @Test func aValueThatAnotherThreadStoredLaterIsGood() {
    let cache = RefreshedCache<Int, String>(capacity: 10)
    _ = cache.value(1, now: 2_000) { "first" }
    #expect(cache.value(1, now: 1_000) { "second" } == "first")
  }
}
