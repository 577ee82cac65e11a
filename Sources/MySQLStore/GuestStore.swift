import Chat

extension Store {
  /// Makes a guest with the hash of a token that only the guest's browser has.
  ///
  /// - Parameter unusedToken: fills the site's own token column, which must not be empty; a random
  ///   text that is given to nobody.
  public func makeGuest(
    tokenHash: [UInt8], unusedToken: String, name: String?, email: String?
  ) throws -> Int64 {
    try database.transaction { session in
      let result = try session.execute(
        """
        INSERT INTO tbl_guest_sessions (session_token, token_hash, name, email, last_active_at)
        VALUES (\(unusedToken), \(tokenHash), \(name), \(email), UTC_TIMESTAMP())
        """)
      return Int64(result.lastInsertID)
    }
  }

  /// The guest whose token has this hash and who was active within the time to live; known for a few
  /// seconds.
  public func guest(tokenHash: [UInt8], timeToLive: Int) throws -> TokenHolder? {
    try guests.value(tokenHash) { try guests([tokenHash], timeToLive: timeToLive)[tokenHash] }
  }

  func guests(_ hashes: [[UInt8]], timeToLive: Int) throws -> [[UInt8]: TokenHolder] {
    var found: [[UInt8]: TokenHolder] = [:]
    try database.read { session in
      _ = try session.query(
        """
        SELECT g.guest_id, g.name, g.token_hash,
          g.last_active_at < UTC_TIMESTAMP() - INTERVAL 60 SECOND
        FROM tbl_guest_sessions g
        WHERE g.token_hash IN (\(SQL.list(hashes)))
          AND g.last_active_at > UTC_TIMESTAMP() - INTERVAL \(timeToLive) SECOND
        """
      ) { row in
        found[try row.optionalBytes(2) ?? []] = TokenHolder(
          person: person(
            PersonID(.guest, try row.integer(0)), name: try row.optionalString(1), title: nil,
            image: nil),
          isNoteDue: try row.integer(3) != 0)
      }
    }
    return found
  }

  /// Notes that the guest is active; at most one write a minute.
  public func touchGuest(_ number: Int64) throws {
    try database.transaction { session in
      try session.execute(
        """
        UPDATE tbl_guest_sessions SET last_active_at = UTC_TIMESTAMP()
        WHERE guest_id = \(number) AND last_active_at < UTC_TIMESTAMP() - INTERVAL 60 SECOND
        """)
    }
  }

  /// Adds the name and e-mail a guest gives later; what is not given stays.
  public func updateGuest(_ number: Int64, name: String?, email: String?) throws {
    if name == nil, email == nil { return }
    defer { forget(PersonID(.guest, number)) }
    try database.transaction { session in
      try session.execute(
        """
        UPDATE tbl_guest_sessions SET name = COALESCE(\(name), name),
          email = COALESCE(\(email), email)
        WHERE guest_id = \(number)
        """)
    }
  }

  /// Lets a guest come back with a new token, also after the old one's end.
  ///
  /// The old one ends by it: a guest has one browser at a time.
  ///
  /// - Returns: false if there is no such guest any more.
  public func renewGuest(_ number: Int64, tokenHash: [UInt8]) throws -> Bool {
    let earlier = try database.transaction { session in
      let earlier = try session.first(
        """
        SELECT g.token_hash FROM tbl_guest_sessions g WHERE g.guest_id = \(number) FOR UPDATE
        """
      ) { row in try row.optionalBytes(0) }
      try session.execute(
        """
        UPDATE tbl_guest_sessions SET token_hash = \(tokenHash), last_active_at = UTC_TIMESTAMP()
        WHERE guest_id = \(number)
        """)
      return earlier
    }
    guard let earlier else { return false }
    if let earlier { guests.forget(earlier) }
    return true
  }
}
