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
}
