import Chat
import Threads

/// A request that waits for events, without a thread.
final class Waiter: Sendable {
  /// Names it among those of this process.
  let id: UInt64
  let query: UpdatesQuery
  let cursor: Cursor
  /// When it is answered anyway: seconds of the process's clock.
  let deadline: Double
  let answer: Answer
  /// Whether the secret that came with the request still proves the person.
  let isStillValid: @Sendable () -> Bool
  private let hasLeft = Lock(false)

  init(
    id: UInt64, query: UpdatesQuery, cursor: Cursor, deadline: Double, answer: Answer,
    isStillValid: @escaping @Sendable () -> Bool
  ) {
    self.id = id
    self.query = query
    self.cursor = cursor
    self.deadline = deadline
    self.answer = answer
    self.isStillValid = isStillValid
  }

  /// Whether the client went away.
  var isGone: Bool { hasLeft.withLock { $0 } }

  /// Ends the request of a client that went away.
  func leave() {
    hasLeft.withLock { $0 = true }
    answer.responder.abandon()
  }
}

/// The requests that wait, by person.
struct Waiters {
  /// One person's tabs and devices; a further one takes the place of the oldest.
  static let mostOfOnePerson = 8

  private var all: [UInt64: Waiter] = [:]
  private var ofPerson: [PersonID: [Waiter]] = [:]
  private var staff: Set<PersonID> = []

  var count: Int { all.count }
  var everyone: [Waiter] { Array(all.values) }

  /// Takes one in.
  ///
  /// - Returns: the one whose place it took.
  mutating func insert(_ waiter: Waiter) -> Waiter? {
    var oldest: Waiter?
    if let others = ofPerson[waiter.query.person], others.count >= Self.mostOfOnePerson {
      oldest = others.first
      if let oldest { remove(oldest) }
    }
    all[waiter.id] = waiter
    ofPerson[waiter.query.person, default: []].append(waiter)
    if waiter.query.person.role.isStaff { staff.insert(waiter.query.person) }
    return oldest
  }

  /// - Returns: whether it was there.
  @discardableResult
  mutating func remove(_ waiter: Waiter) -> Bool {
    guard all.removeValue(forKey: waiter.id) != nil else { return false }
    ofPerson[waiter.query.person]?.removeAll { $0.id == waiter.id }
    if ofPerson[waiter.query.person]?.isEmpty == true {
      ofPerson[waiter.query.person] = nil
      staff.remove(waiter.query.person)
    }
    return true
  }

  /// Takes out those whose time is up.
  mutating func removeExpired(now: Double) -> [Waiter] {
    let expired = all.values.filter { $0.deadline <= now }
    for waiter in expired { remove(waiter) }
    return expired
  }

  /// Takes out all.
  mutating func removeAll() -> [Waiter] {
    defer { self = Waiters() }
    return everyone
  }

  /// Takes out those who wait for the event: its participants are looked up, nobody else.
  mutating func removeInterested(in event: ChatEvent, _ participants: Participants?) -> [Waiter] {
    if all.isEmpty { return [] }
    var people = staff
    if case .notification(let recipient) = event.change {
      people = [recipient]
    } else {
      people.formUnion(participants?.people ?? [])
      if case .presence(_, _, let audience) = event.change { people.formUnion(audience) }
    }
    var woken: [Waiter] = []
    for person in people {
      woken += (ofPerson[person] ?? []).filter { waiter in
        waiter.query.wants(event, participants, after: waiter.cursor)
      }
    }
    for waiter in woken { remove(waiter) }
    return woken
  }
}
