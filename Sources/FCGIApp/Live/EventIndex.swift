import Chat

/// Which of the events in memory may concern whom.
///
/// A poll looks at nothing else, however much happens in other chats. Admins see all chats and have no
/// part in it.
struct EventIndex {
  /// Ids by rising order.
  private var ofPerson: [PersonID: [Int64]] = [:]
  /// Presence of staff, which every worker gets.
  private var amongStaff: [Int64] = []

  /// Notes an event for all whom it may concern.
  mutating func insert(_ event: ChatEvent, _ participants: Participants?) {
    if case .notification(let recipient) = event.change {
      return insert(event.id, for: recipient)
    }
    for person in participants?.people ?? [] { insert(event.id, for: person) }
    switch event.change {
    case .assigned(_, let previousID?): insert(event.id, for: PersonID(.worker, previousID))
    case .presence(let person, _, let audience):
      for other in audience { insert(event.id, for: other) }
      if person.id.role.isStaff { Self.insert(event.id, into: &amongStaff) }
    default: break
    }
  }

  /// Notes one event for one person.
  mutating func insert(_ id: Int64, for person: PersonID) {
    if person.role == .admin { return }
    Self.insert(id, into: &ofPerson[person, default: []])
  }

  private static func insert(_ id: Int64, into ids: inout [Int64]) {
    // Nearly always the highest.
    var place = ids.count
    while place > 0, ids[place - 1] >= id {
      if ids[place - 1] == id { return }
      place -= 1
    }
    ids.insert(id, at: place)
  }

  /// The events that may concern the person and that this position has not seen, by rising id.
  func unseen(_ position: EventPosition, by person: PersonID) -> [Int64] {
    let first = position.missing.first?.lowerBound ?? position.highest + 1
    var unseen = Self.tail(of: ofPerson[person] ?? [], from: first)
    if person.role == .worker {
      let shared = Self.tail(of: amongStaff, from: first)
      if !shared.isEmpty { unseen = Set(unseen).union(shared).sorted() }
    }
    return unseen.filter { !position.contains($0) }
  }

  private static func tail(of ids: [Int64], from first: Int64) -> [Int64] {
    var start = ids.count
    while start > 0, ids[start - 1] >= first { start -= 1 }
    return Array(ids[start...])
  }

  /// Forgets events that memory does not hold any more.
  mutating func forget(upTo floor: Int64) {
    ofPerson = ofPerson.compactMapValues { ids in
      let kept = ids.filter { $0 > floor }
      return kept.isEmpty ? nil : kept
    }
    amongStaff.removeAll { $0 <= floor }
  }
}
