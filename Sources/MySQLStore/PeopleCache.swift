import Chat
import Dispatch
import Threads

/// What is known of people, looked up again after a few seconds.
///
/// A page that polls asks for the same few names and for the same caller every time; with this it
/// costs no statement, and a deleted or disabled account still ends within seconds.
final class PeopleCache: Sendable {
  /// A person's row.
  struct Entry: Sendable {
    /// The person; `nil` if there is no such row.
    let person: Person?
    /// Whether the account may act.
    let isActive: Bool
  }

  private static let nanosecondsKept: UInt64 = 2_000_000_000
  private static let mostKept = 20_000

  private let entries = Lock<[PersonID: (entry: Entry, readAt: UInt64)]>([:])

  /// The entry, made by the body if it is missing or too old.
  func entry(
    _ id: PersonID, now: UInt64 = DispatchTime.now().uptimeNanoseconds,
    _ read: () throws -> Entry
  ) rethrows -> Entry {
    // Another thread may have stored an entry since this one looked at the clock.
    if let known = entries.withLock({ $0[id] }), now < known.readAt + Self.nanosecondsKept {
      return known.entry
    }
    let entry = try read()
    entries.withLock { entries in
      if entries.count >= Self.mostKept { entries.removeAll() }
      entries[id] = (entry: entry, readAt: now)
    }
    return entry
  }

  /// Forgets a person whose data changed.
  func forget(_ id: PersonID) { entries.withLock { $0[id] = nil } }
}
