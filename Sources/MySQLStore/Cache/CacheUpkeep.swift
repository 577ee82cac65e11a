import Chat
import Dispatch

extension Store {
  /// Reads again what requests of the last 90 seconds asked for: accounts, sessions and guests, in one
  /// statement for hundreds of each.
  ///
  /// A process that serves calls it every two seconds. What it finds ended (a disabled account, a
  /// changed password, a log-out on another process) ends here.
  public func refreshCaches(guestTimeToLive: Int) throws {
    try refreshPeople()
    try refresh(sessions) { part in try sessionOwners(part) }
    try refresh(guests) { part in try guests(part, timeToLive: guestTimeToLive) }
  }

  /// Forgets what is known of a person whose account or name changed.
  func forget(_ id: PersonID) {
    people.forget(id)
    sessions.forget { $0.person.id == id }
    guests.forget { $0.person.id == id }
  }

  private func refreshPeople() throws {
    let keys = people.keysInUse()
    for role in Role.allCases {
      let numbers = keys.filter { $0.role == role }.map(\.number)
      for part in Self.parts(numbers) {
        let readAt = DispatchTime.now().uptimeNanoseconds
        let found = try database.read { session in try readEntries(role, part, session) }
        people.refresh(part.map { PersonID(role, $0) }, found, readAt: readAt)
      }
    }
  }

  private func refresh(
    _ cache: RefreshedCache<[UInt8], TokenHolder>,
    _ read: ([[UInt8]]) throws -> [[UInt8]: TokenHolder]
  ) throws {
    for part in Self.parts(cache.keysInUse()) {
      let readAt = DispatchTime.now().uptimeNanoseconds
      cache.refresh(part, try read(part), readAt: readAt)
    }
  }

  /// Parts of a few sizes, filled up with repetitions, so that few statements are prepared.
  private static func parts<Key>(_ keys: [Key]) -> [[Key]] {
    keys.parts(of: 400).map { part in
      let size = [1, 8, 64, 400].first { $0 >= part.count } ?? part.count
      return part + Array(repeating: part[0], count: size - part.count)
    }
  }
}
