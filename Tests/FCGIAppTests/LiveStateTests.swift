import Chat
import Testing

@testable import FCGIApp
@testable import MySQLStore

/// What polls get from memory, against the plain rule: every event not seen that the person may see.
@Suite struct LiveStateTests {
  private static let workers: [Int64] = [1, 2, 3]

  private static func query(_ person: PersonID) -> UpdatesQuery {
    UpdatesQuery(person: person, chatID: nil, wait: 0, isHidden: false)
  }

  @Test(arguments: 0..<100)
  func pollsGetWhatTheRuleSays(seed: Int) {
    var state = LiveState([], ids: [], longestTransaction: 60, now: 0)
    var all: [ChatEvent] = []
    var assigned: [Int64: Int64?] = [:]
    var cursors: [PersonID: Cursor] = [:]
    var people = Self.workers.map { PersonID(.worker, $0) } + [PersonID(.admin, 1)]
    people += (1...4).map { PersonID(.customer, $0) }
    for person in people { cursors[person] = Cursor(EventPosition(upTo: 0)) }

    func participants(_ chatID: Int64) -> Participants {
      Participants(
        userID: chatID, guestID: nil, adminID: nil, workerID: assigned[chatID].flatMap { $0 })
    }
    // Ids become visible a little out of order.
    var coming = Array(Int64(1)...3)
    for number in 4...150 {
      let id = coming.remove(at: Int.random(in: 0..<coming.count))
      coming.append(Int64(number))
      let chatID = Int64.random(in: 1...4)
      let change: ChatEvent.Change
      switch Int.random(in: 0..<6) {
      case 0:
        let previous = assigned[chatID].flatMap { $0 }
        assigned[chatID] = Self.workers.randomElement()
        change = .assigned(worker: nil, previousWorkerID: previous)
      case 1:
        let who = Person(
          id: PersonID(.worker, Self.workers.randomElement() ?? 1), name: "", title: "",
          avatar: nil)
        change = .presence(who, isOnline: true, audience: [PersonID(.customer, chatID)])
      default: change = .status(.open)
      }
      let isPresence = if case .presence = change { true } else { false }
      let event = ChatEvent(
        id: id, chatID: isPresence ? 0 : chatID, createdAt: "", change: change)
      all.append(event)
      _ = state.apply(
        [
          LoggedEvent(
            id: id, event: event, participants: isPresence ? nil : participants(chatID),
            status: .open)
        ], tailTime: 0, now: 0)
      guard let person = people.randomElement(), let cursor = cursors[person] else { continue }
      let expected = all.filter { event in
        !cursor.covers(event)
          && Policy.maySee(event, event.chatID == 0 ? nil : participants(event.chatID), person)
      }
      let poll = state.poll(cursor, for: Self.query(person))
      #expect(poll?.events.map(\.id) == expected.map(\.id).sorted())
      if Bool.random() { cursors[person] = poll?.cursor }
    }
  }

  private static let typist = Person(id: PersonID(.admin, 1), name: "", title: "", avatar: nil)
  private static let customer = PersonID(.customer, 7)

  private static func logged(_ id: Int64, _ change: ChatEvent.Change) -> LoggedEvent {
    LoggedEvent(
      id: id, event: ChatEvent(id: id, chatID: 1, createdAt: "", change: change),
      participants: Participants(userID: 7, guestID: nil, adminID: nil, workerID: nil),
      status: .open)
  }

  /// A start finds the newest events and, far below them, ids that may still be in flight: nobody has
  /// to ask the log for them, neither while they are missing nor when they are given up or come.
  @Test func gapBelowMemoryKeepsPollsInMemory() throws {
    let ids = (1...5_000).filter { !(100...120).contains($0) }.map { Int64($0) }
    var state = LiveState(
      [Self.logged(5_000, .status(.open))], ids: ids, longestTransaction: 60, now: 0)
    var cursor = Cursor(state.tail.position)
    cursor = try #require(state.poll(cursor, for: Self.query(Self.customer))).cursor
    _ = state.apply([Self.logged(5_001, .typing(Self.typist))], tailTime: 1, now: 1)
    let poll = try #require(state.poll(cursor, for: Self.query(Self.customer)))
    #expect(poll.events.map(\.id) == [5_001])
    _ = state.apply([Self.logged(110, .status(.closed))], tailTime: 2, now: 2)
    #expect(state.poll(poll.cursor, for: Self.query(Self.customer))?.events.map(\.id) == [110])
    _ = state.apply([Self.logged(5_002, .typing(Self.typist))], tailTime: 90, now: 90)
    #expect(!state.tail.position.isMissing(111...120))
    let late = state.poll(cursor, for: Self.query(Self.customer))
    #expect(late?.events.map(\.id) == [110, 5_001, 5_002])
  }

  /// A history that was read between the two must not be taken for the present one.
  @Test func lateEventChangesTheChatToo() throws {
    var state = LiveState(
      [Self.logged(10, .status(.open))], ids: [10], longestTransaction: 60, now: 0)
    _ = state.apply([Self.logged(12, .status(.pending))], tailTime: 1, now: 1)
    let before = try #require(state.chat(1, for: Self.customer)?.revision)
    let delivered = ChatEvent.Change.delivered(Self.typist, lastMessageID: 1)
    _ = state.apply([Self.logged(11, delivered)], tailTime: 2, now: 2)
    #expect(state.chat(1, for: Self.customer)?.revision != before)
    let after = state.chat(1, for: Self.customer)?.revision
    _ = state.apply([Self.logged(13, .typing(Self.typist))], tailTime: 3, now: 3)
    #expect(state.chat(1, for: Self.customer)?.revision == after)
  }

  /// What becomes visible between the two readings of a start is not taken as seen.
  @Test func idThatAppearsDuringAStartIsAskedForAgain() throws {
    var state = LiveState(
      [Self.logged(10, .status(.open)), Self.logged(12, .status(.open))],
      ids: [8, 10, 11, 12], longestTransaction: 60, now: 0)
    #expect(state.tail.position.missingIDs == [9, 11])
    let cursor = Cursor(state.tail.position)
    _ = state.apply([Self.logged(11, .status(.closed))], tailTime: 1, now: 1)
    #expect(state.poll(cursor, for: Self.query(Self.customer))?.events.map(\.id) == [11])
  }
}
