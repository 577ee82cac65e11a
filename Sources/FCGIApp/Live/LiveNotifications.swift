import Chat

/// How many notifications somebody has not read, until the feed says that they changed.
struct NotificationCount {
  private(set) var count: Int64?
  private(set) var changes: UInt64 = 0

  /// The database has others now.
  mutating func change() {
    count = nil
    changes += 1
  }

  /// Takes what was read from the database, unless it has changed meanwhile.
  mutating func learn(_ found: Int64, since changes: UInt64) {
    if self.changes == changes { count = found }
  }
}

/// Counts of notifications from memory; the database is asked for what is not known.
extension Live {
  /// Chats that have got messages since the last call.
  func takeUntold() -> Set<Int64> {
    state.withLock { state in
      defer { state?.untold = [] }
      return state?.untold ?? []
    }
  }

  /// How many notifications the person has not read.
  ///
  /// - Throws: `DatabaseError`.
  func unreadNotifications(_ person: PersonID) throws -> Int64 {
    if let count = state.withLock({ $0?.notified[person]?.count }) { return count }
    let changes = state.withLock { state in
      let known = state?.notified[person] ?? NotificationCount()
      state?.notified[person] = known
      return known.changes
    }
    let found = try store.unreadNotifications(of: person)
    state.withLock { state in state?.notified[person]?.learn(found, since: changes) }
    return found
  }
}
