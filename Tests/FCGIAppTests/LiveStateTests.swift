import Chat
import Testing

@testable import FCGIApp
@testable import MySQLStore

/// What polls get from memory, against the plain rule: every event not seen that the person may see.
@Suite struct LiveStateTests {
  private static let workers: [Int64] = [1, 2, 3]

  @Test(arguments: 0..<100)
  func pollsGetWhatTheRuleSays(seed: Int) {
    var state = LiveState([], position: EventPosition(upTo: 0), longestTransaction: 60, now: 0)
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
    for number in 1...150 {
      let id = Int64(number)
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
      let poll = state.poll(cursor, for: person, chatID: nil)
      #expect(poll?.events.map(\.id) == expected.map(\.id))
      if Bool.random() { cursors[person] = poll?.cursor }
    }
  }

  /// A start finds the newest events and, far below them, ids that may still be in flight.
  @Test func gapBelowMemoryKeepsPollsInMemory() throws {
    let person = PersonID(.customer, 7)
    let typing = Person(id: PersonID(.admin, 1), name: "", title: "", avatar: nil)
    let participants = Participants(userID: 7, guestID: nil, adminID: nil, workerID: nil)
    func logged(_ id: Int64, _ change: ChatEvent.Change) -> LoggedEvent {
      LoggedEvent(
        id: id, event: ChatEvent(id: id, chatID: 1, createdAt: "", change: change),
        participants: participants, status: .open)
    }
    let start = try #require(EventPosition(upTo: 5_000, missing: [100...120]))
    var state = LiveState(
      [logged(5_000, .status(.open))], position: start, longestTransaction: 60, now: 0)
    let cursor = try #require(state.poll(Cursor(start), for: person, chatID: nil)).cursor
    _ = state.apply([logged(5_001, .typing(typing))], tailTime: 1, now: 1)
    let poll = try #require(state.poll(cursor, for: person, chatID: nil))
    #expect(poll.events.map(\.id) == [5_001])
    // One of the gap commits: who does not have it asks the log.
    _ = state.apply([logged(110, .status(.closed))], tailTime: 2, now: 2)
    #expect(state.poll(poll.cursor, for: person, chatID: nil) == nil)
  }
}
