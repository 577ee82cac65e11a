import Chat
import Glibc
import MySQLStore
import Synchronization

/// The people behind PHP sessions, looked up again after a few seconds: a deleted or disabled
/// account ends within them, and a page that polls costs no look-up.
final class ActivePeople: Sendable {
  private struct Entry {
    var person: Person?
    var checkedAt: Int
  }

  private static let secondsKept = 2
  private static let mostKept = 20_000

  private let store: Store
  private let entries = Mutex<[PersonID: Entry]>([:])

  init(store: Store) { self.store = store }

  /// The person, if the account is there and active.
  func person(_ id: PersonID) throws -> Person? {
    let now = monotonicSeconds()
    let entry = entries.withLock { $0[id] }
    if let entry, now - entry.checkedAt < Self.secondsKept { return entry.person }
    let person = try store.activePerson(id)
    entries.withLock { entries in
      if entries.count >= Self.mostKept { entries.removeAll() }
      entries[id] = Entry(person: person, checkedAt: now)
    }
    return person
  }

  /// Forgets what is known of a person whose data changed.
  func forget(_ id: PersonID) { entries.withLock { $0[id] = nil } }

  private func monotonicSeconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec
  }
}
