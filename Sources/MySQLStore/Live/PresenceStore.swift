import Chat

/// When somebody was last there.
public struct Presence: Sendable, Equatable {
  /// Whether they are there now.
  public let isOnline: Bool
  /// `YYYY-MM-DD HH:MM:SS`, UTC.
  public let lastSeenAt: String
}

extension Store {
  /// After so many seconds without a sign somebody counts as away.
  public static let secondsOnline = 60

  /// Whether somebody is there now, by their row `p` of `tbl_chat_presence`.
  static let isOnline: SQL =
    "p.is_online = 1 AND p.last_seen_at >= UTC_TIMESTAMP() - INTERVAL \(secondsOnline) SECOND"

  /// Notes that people are there now: one statement for a hundred of them.
  public func markOnline(_ people: [PersonID]) throws {
    // In one order everywhere, so that two processes wait for each other rather than lock up.
    for part in people.sorted().parts(of: 100) {
      var rows: SQL = ""
      for (index, person) in part.enumerated() {
        rows +=
          index == 0
          ? "(\(person.role.rawValue), \(person.number), 1, UTC_TIMESTAMP())"
          : ", (\(person.role.rawValue), \(person.number), 1, UTC_TIMESTAMP())"
      }
      try database.transaction { session in
        try session.execute(
          """
          INSERT INTO tbl_chat_presence (person_type, person_id, is_online, last_seen_at)
          VALUES \(rows)
          ON DUPLICATE KEY UPDATE is_online = 1, last_seen_at = VALUES(last_seen_at)
          """)
      }
    }
  }

  /// Notes who has gone: those without a sign for ``secondsOnline``.
  public func markAway() throws {
    try database.transaction { session in
      try session.execute(
        """
        UPDATE tbl_chat_presence SET is_online = 0
        WHERE is_online = 1 AND last_seen_at < UTC_TIMESTAMP() - INTERVAL \(Self.secondsOnline) SECOND
        LIMIT 500
        """)
    }
  }

  /// When these people were last there; whoever was never seen is not in it.
  public func presence(of people: [PersonID]) throws -> [PersonID: Presence] {
    guard !people.isEmpty else { return [:] }
    return try database.read { session in try presence(of: people, session) }
  }

  func presence(
    of people: [PersonID], _ session: borrowing DatabaseSession
  ) throws -> [PersonID: Presence] {
    guard let first = people.first else { return [:] }
    var condition: SQL =
      "(p.person_type = \(first.role.rawValue) AND p.person_id = \(first.number))"
    let size = [1, 4, 20, 50, 100, 200].first { $0 >= people.count } ?? people.count
    for index in 1..<max(size, 1) {
      let person = index < people.count ? people[index] : first
      condition +=
        " OR (p.person_type = \(person.role.rawValue) AND p.person_id = \(person.number))"
    }
    var found: [PersonID: Presence] = [:]
    _ = try session.query(
      """
      SELECT p.person_type, p.person_id,
        \(Self.isOnline), p.last_seen_at
      FROM tbl_chat_presence p WHERE \(condition)
      """
    ) { row in
      guard let role = try row.role(0) else { return }
      found[PersonID(role, try row.integer(1))] = Presence(
        isOnline: try row.integer(2) != 0, lastSeenAt: try row.string(3))
    }
    return found
  }

  /// Those whom somebody's presence concerns: the other side of the chats that are not closed.
  func audience(
    of person: PersonID, _ session: borrowing DatabaseSession
  ) throws -> Set<PersonID> {
    let condition: SQL =
      switch person.role {
      case .customer, .guest, .worker: Self.access(person)
      case .admin: "c.admin_id = \(person.number)"
      }
    var audience: Set<PersonID> = []
    _ = try session.query(
      """
      SELECT DISTINCT c.user_id, c.guest_id, c.worker_id FROM tbl_chats c
      WHERE \(condition) AND c.status IN ('open', 'pending', 'escalated')
      ORDER BY c.updated_at DESC LIMIT 1000
      """
    ) { row in
      if let number = try row.optionalInteger(0) { audience.insert(PersonID(.customer, number)) }
      if let number = try row.optionalInteger(1) { audience.insert(PersonID(.guest, number)) }
      if let number = try row.optionalInteger(2) { audience.insert(PersonID(.worker, number)) }
    }
    return audience
  }
}
