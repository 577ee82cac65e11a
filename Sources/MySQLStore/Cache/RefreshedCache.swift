import Dispatch
import Threads

/// Values that polls ask for again and again: while somebody uses one, upkeep reads it anew every few
/// seconds, all of them in a few statements, so that a poll itself makes none.
final class RefreshedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entry {
    var value: Value
    var readAt: UInt64
    var usedAt: UInt64
  }

  /// How old a value may be; without upkeep (plain CGI) the next use reads it again.
  private static var longestAge: UInt64 { 5_000_000_000 }
  /// A page in a hidden tab comes once a minute: its values are kept from one poll to the next.
  private static var keptUnused: UInt64 { 90_000_000_000 }

  private let capacity: Int
  private let entries = Lock<[Key: Entry]>([:])

  /// Keeps so many values at most.
  init(capacity: Int) { self.capacity = capacity }

  /// The value, read by the body if it is missing or too old; what is not there is not kept.
  func value(
    _ key: Key, now: UInt64 = DispatchTime.now().uptimeNanoseconds, _ read: () throws -> Value?
  ) rethrows -> Value? {
    let known = entries.withLock { entries -> Value? in
      // Another thread may have stored an entry since this one looked at the clock.
      guard let entry = entries[key], now < entry.readAt + Self.longestAge else { return nil }
      entries[key]?.usedAt = now
      return entry.value
    }
    if let known { return known }
    guard let value = try read() else {
      forget(key)
      return nil
    }
    entries.withLock { entries in
      if entries.count >= capacity { entries.removeAll() }
      entries[key] = Entry(value: value, readAt: now, usedAt: now)
    }
    return value
  }

  /// The keys that are in use; forgets the others.
  func keysInUse(now: UInt64 = DispatchTime.now().uptimeNanoseconds) -> [Key] {
    entries.withLock { entries in
      entries = entries.filter { now < $0.value.usedAt + Self.keptUnused }
      return Array(entries.keys)
    }
  }

  /// Takes what a new reading of some keys found; those that were not found are forgotten.
  ///
  /// A key that was forgotten meanwhile stays forgotten.
  ///
  /// - Parameter readAt: a time before the reading.
  func refresh(_ keys: some Sequence<Key>, _ values: [Key: Value], readAt: UInt64) {
    entries.withLock { entries in
      for key in keys where entries[key] != nil {
        if let value = values[key] {
          entries[key]?.value = value
          entries[key]?.readAt = readAt
        } else {
          entries[key] = nil
        }
      }
    }
  }

  /// Forgets a value that changed.
  func forget(_ key: Key) { entries.withLock { $0[key] = nil } }

  /// Forgets all values for which the body says so.
  func forget(where isChanged: (Value) -> Bool) {
    entries.withLock { entries in entries = entries.filter { !isChanged($0.value.value) } }
  }
}
