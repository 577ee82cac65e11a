import Chat
import MySQLStore
import Testing

@testable import FCGIApp

/// Unread counts from memory against recounts, over random orders of sends, readings and events.
@Suite struct UnreadRecordTests {
  private static let reader = PersonID(.worker, 1)
  private static let other = PersonID(.customer, 2)

  /// A database with one log: what is written is visible at once, the feed brings it later.
  private struct Model {
    var messages: [Int64: [(id: Int64, author: PersonID)]] = [:]
    var marks: [Int64: Int64] = [:]
    var log: [ChatEvent] = []
    var lastMessageID: Int64 = 0

    mutating func send(_ chatID: Int64, _ author: PersonID) {
      lastMessageID += 1
      messages[chatID, default: []].append((lastMessageID, author))
      let message = Message(
        id: lastMessageID, chatID: chatID, senderRole: author.role, senderID: author.number,
        sender: SenderProfile(name: "", title: "", avatar: nil), text: "", isRead: false,
        createdAt: "", clientMessageID: nil)
      append(chatID, .message(message))
    }

    mutating func read(_ chatID: Int64, upTo messageID: Int64) {
      guard messageID > marks[chatID] ?? 0 else { return }
      marks[chatID] = messageID
      let person = Person(id: UnreadRecordTests.reader, name: "", title: "", avatar: nil)
      append(chatID, .read(person, lastMessageID: messageID))
    }

    private mutating func append(_ chatID: Int64, _ change: ChatEvent.Change) {
      log.append(
        ChatEvent(id: Int64(log.count + 1), chatID: chatID, createdAt: "", change: change))
    }

    func count(_ chatID: Int64) -> UnreadCount {
      let newest = (messages[chatID] ?? []).suffix(Store.newestCounted)
      let newer = newest.filter { $0.id > marks[chatID] ?? 0 }
      return UnreadCount(
        count: Int64(newer.filter { $0.author != UnreadRecordTests.reader }.count),
        lookedAt: Int64(newer.count), newestMessageID: newest.last?.id ?? 0, isInTotal: true)
    }
  }

  @Test(arguments: 1...200)
  func memoryAgreesWithRecounts(seed: Int) {
    var random = SystemRandomNumberGenerator()
    var model = Model()
    var record = UnreadRecord(now: 0)
    var brought = 0
    var batch: UInt64 = 0
    func chat() -> Int64 { Int64.random(in: 1...4, using: &random) }
    func read(between: () -> Void) {
      record.beginReading()
      let since = batch
      let isTotal = !record.hasTotal || Bool.random(using: &random)
      let chats = isTotal ? [1, 2, 3, 4] : record.staleChats
      let found = Dictionary(uniqueKeysWithValues: chats.map { ($0, model.count($0)) })
      between()
      record.endReading(
        found, of: isTotal ? [] : chats, isTotal: isTotal, since: since, now: 0)
    }
    func bring(_ most: Int) {
      batch += 1
      for event in model.log[brought...].prefix(most) {
        record.apply(event, .open, for: Self.reader, batch: batch)
        brought += 1
      }
    }
    for _ in 0..<(seed * 4) {
      switch Int.random(in: 0..<8, using: &random) {
      case 0..<4: model.send(chat(), Bool.random(using: &random) ? Self.other : Self.reader)
      case 4:
        let chatID = chat()
        if let some = model.messages[chatID]?.randomElement(using: &random) {
          model.read(chatID, upTo: some.id)
        }
      case 5: read { if Bool.random() { bring(3) } }
      default: bring(Int.random(in: 1...5, using: &random))
      }
    }
    bring(.max)
    while !record.hasTotal || !record.staleChats.isEmpty { read {} }
    for chatID in Int64(1)...4 {
      #expect(record.count(chatID) == model.count(chatID).count, "chat \(chatID)")
    }
  }

  /// A person with more chats than a total looks at: those beyond it must not be read for ever.
  @Test func totalSettlesWhenChatsBeyondItChange() {
    var model = Model()
    var record = UnreadRecord(now: 0)
    record.beginReading()
    record.endReading([:], of: [], isTotal: true, since: 0, now: 0)
    model.send(9, Self.other)
    record.apply(model.log[0], .open, for: Self.reader, batch: 1)
    #expect(record.staleChats == [9])
    record.beginReading()
    record.endReading([:], of: [], isTotal: true, since: 1, now: 0)
    #expect(record.staleChats.isEmpty)
  }
}
