import Chat
import MySQLStore

/// What one person has not read, kept right by the events; free of I/O.
///
/// Counts are read from the database once and then follow the feed. Within a chat messages become
/// visible in the order of their ids, so that a message counts if its id is above the newest one that
/// was looked at: it does not matter whether the reading or the event came first.
struct UnreadRecord {
  private(set) var counts: [Int64: UnreadCount] = [:] {
    didSet { knownTotal = nil }
  }
  private var knownTotal: [Int64: Int64]?
  /// Whether `counts` holds all chats of the total.
  private(set) var hasTotal = false
  /// Chats to be read again, and the number of the batch of events that made them so.
  private var stale: [Int64: UInt64] = [:]
  private var readings = 0
  private(set) var loadedAt: Int64
  var usedAt: Int64

  init(now: Int64) {
    loadedAt = now
    usedAt = now
  }

  /// The chats to be read again before the counts are right.
  var staleChats: [Int64] { stale.keys.sorted() }

  /// The count of one chat; `nil` if it is not known.
  func count(_ chatID: Int64) -> Int64? { stale[chatID] == nil ? counts[chatID]?.count : nil }

  /// The counts of the chats that have any, as part of the total.
  mutating func total() -> [Int64: Int64] {
    if let knownTotal { return knownTotal }
    let total = counts.filter { $0.value.isInTotal && $0.value.count > 0 }.mapValues(\.count)
    knownTotal = total
    return total
  }

  // MARK: Reading from the database

  /// Begins a reading; what happens until its end is noted.
  mutating func beginReading() { readings += 1 }

  /// Ends a reading that failed.
  mutating func failReading() { readings -= 1 }

  /// Takes what a reading found that began after a batch of events.
  mutating func endReading(
    _ found: [Int64: UnreadCount], of chats: [Int64], isTotal: Bool, since batch: UInt64,
    now: Int64
  ) {
    readings -= 1
    var chats = chats + found.keys
    if isTotal {
      hasTotal = true
      loadedAt = now
      // What is not found is not among the chats of the total: not stale any more, either.
      chats += stale.keys.filter { found[$0] == nil }
      counts = counts.filter { found[$0.key] != nil }
    }
    for chatID in chats {
      // Events that came during the reading may be in it or not: it is read once more.
      if let number = stale[chatID], number > batch { continue }
      stale[chatID] = nil
      counts[chatID] = found[chatID]
    }
  }

  // MARK: Following the events

  /// Takes an event of a chat that the person may see.
  mutating func apply(
    _ event: ChatEvent, _ status: ChatStatus?, for person: PersonID, batch: UInt64
  ) {
    if readings > 0 { stale[event.chatID] = batch }
    guard var entry = counts[event.chatID] else {
      return applyToUnknown(event, person, batch)
    }
    switch event.change {
    case .message(let message):
      guard message.id > entry.newestMessageID else { return }
      entry.newestMessageID = message.id
      if !message.isWritten(by: person) { entry.count += 1 }
      entry.lookedAt += 1
      // Only the newest hundred count: which one falls out, the database knows.
      if entry.lookedAt > Int64(Store.newestCounted) { stale[event.chatID] = batch }
    case .read(let reader, let lastMessageID) where reader.id == person:
      if lastMessageID >= entry.newestMessageID {
        entry.count = 0
        entry.lookedAt = 0
      } else {
        stale[event.chatID] = batch
      }
    case .status(let status):
      entry.isInTotal = !(person.role.isStaff && status == .closed)
    default: return
    }
    counts[event.chatID] = entry
  }

  private mutating func applyToUnknown(_ event: ChatEvent, _ person: PersonID, _ batch: UInt64) {
    guard hasTotal else { return }
    switch event.change {
    case .started(let status):
      counts[event.chatID] = UnreadCount(
        count: 0, lookedAt: 0, newestMessageID: 0,
        isInTotal: !(person.role.isStaff && status == .closed))
    case .message, .status, .assigned: stale[event.chatID] = batch
    default: break
    }
  }

  /// The person may see the chat no longer.
  mutating func remove(_ chatID: Int64) {
    counts[chatID] = nil
    stale[chatID] = nil
  }
}
