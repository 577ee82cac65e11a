import Chat
import MySQLStore

/// Unread counts from memory; the database is asked for what is not known.
extension Live {
  private static let longestAge = 600.0
  private static let mostPeople = 20_000

  /// The total, chat by chat.
  ///
  /// - Throws: `DatabaseError`.
  func unreadTotal(_ person: PersonID) throws -> [Int64: Int64] {
    for _ in 0..<4 {
      if let total = state.withLock({ $0?.unreadTotal(person, now: Self.now()) }) { return total }
      try readUnread(person)
    }
    // Somebody writes without pause: what the database says at this moment.
    return try store.unreadCounts(for: person).filter { $0.value.count > 0 }.mapValues(\.count)
  }

  /// The count of one chat; `nil` if the person may not see it.
  ///
  /// - Throws: `DatabaseError`.
  func unreadCount(_ chatID: Int64, _ person: PersonID) throws -> Int64? {
    let known = state.withLock { state -> Int64? in
      guard state?.chat(chatID, for: person) != nil else { return nil }
      state?.unread[person]?.usedAt = Int64(Self.now())
      return state?.unread[person]?.count(chatID)
    }
    if let known { return known }
    let batch = beginReading(person)
    do {
      let found = try store.unreadCount(chatID, for: person)
      if found != nil, let chat = try store.chatState(chatID) {
        state.withLock { $0?.learn(chatID, chat) }
      }
      endReading(person, found.map { [chatID: $0] } ?? [:], of: [chatID], isTotal: false, batch)
      return found?.count
    } catch {
      failReading(person)
      throw error
    }
  }

  /// Reads the total, or the chats of it that are not known any more.
  private func readUnread(_ person: PersonID) throws {
    let batch = beginReading(person)
    do {
      let stale = state.withLock { state -> [Int64]? in
        guard let record = state?.unread[person], record.hasTotal, record.staleChats.count <= 20
        else { return nil }
        return record.staleChats
      }
      var found: [Int64: UnreadCount] = [:]
      if let stale {
        for chatID in stale { found[chatID] = try store.unreadCount(chatID, for: person) }
      } else {
        found = try store.unreadCounts(for: person)
      }
      endReading(person, found, of: stale ?? [], isTotal: stale == nil, batch)
    } catch {
      failReading(person)
      throw error
    }
  }

  private func beginReading(_ person: PersonID) -> UInt64 {
    state.withLock { state in
      guard state != nil else { return 0 }
      let now = Int64(Self.now())
      if state?.unread[person] == nil {
        if state?.unread.count ?? 0 >= Self.mostPeople {
          state?.unread.removeAll()
          state?.notified.removeAll()
        }
        state?.unread[person] = UnreadRecord(now: now)
      }
      state?.unread[person]?.beginReading()
      return state?.batch ?? 0
    }
  }

  private func endReading(
    _ person: PersonID, _ found: [Int64: UnreadCount], of chats: [Int64], isTotal: Bool,
    _ batch: UInt64
  ) {
    state.withLock { state in
      state?.unread[person]?.endReading(
        found, of: chats, isTotal: isTotal, since: batch, now: Int64(Self.now()))
    }
  }

  private func failReading(_ person: PersonID) {
    state.withLock { state in state?.unread[person]?.failReading() }
  }

  /// Forgets the counts of those who have not asked for a while.
  func forgetUnused() {
    let now = Int64(Self.now())
    state.withLock { state in
      guard let unused = state?.unread.filter({ now - $0.value.usedAt > 90 }).keys else { return }
      for person in unused {
        state?.unread[person] = nil
        state?.notified[person] = nil
      }
    }
  }
}

extension LiveState {
  /// The total from memory; `nil` if it has to be read.
  mutating func unreadTotal(_ person: PersonID, now: Double) -> [Int64: Int64]? {
    guard let record = unread[person] else { return nil }
    guard record.hasTotal, record.staleChats.isEmpty, now - Double(record.loadedAt) < 600 else {
      if now - Double(record.loadedAt) >= 600 { unread[person] = nil }
      return nil
    }
    unread[person]?.usedAt = Int64(now)
    return unread[person]?.total()
  }
}
