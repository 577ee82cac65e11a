import Chat

/// Whom a secret token proves.
public struct TokenHolder: Sendable {
  /// The person.
  public let person: Person
  /// Whether the last note of the token's use is so old that the next use is noted again.
  public let isNoteDue: Bool
}

extension Store {
  /// Begins a session; the cookie's hash is all that is stored of it.
  ///
  /// - Parameter passwordHash: the stored password; when it changes, the session ends.
  public func beginSession(
    tokenHash: [UInt8], _ id: PersonID, passwordHash: String, timeToLive: Int
  ) throws {
    try database.transaction { session in
      try session.execute(
        """
        INSERT INTO tbl_chat_sessions
          (token_hash, person_type, person_id, password_digest, created_at, last_used_at, expires_at)
        VALUES (\(tokenHash), \(id.role.rawValue), \(id.number), UNHEX(SHA2(\(passwordHash), 256)),
          UTC_TIMESTAMP(), UTC_TIMESTAMP(), UTC_TIMESTAMP() + INTERVAL \(timeToLive) SECOND)
        """)
      try session.execute(
        "DELETE FROM tbl_chat_sessions WHERE expires_at < UTC_TIMESTAMP() LIMIT 100")
    }
  }

  /// Whose session it is: not expired, the account active and its password unchanged; known for a few
  /// seconds.
  public func sessionOwner(tokenHash: [UInt8]) throws -> TokenHolder? {
    try sessions.value(tokenHash) { try sessionOwners([tokenHash])[tokenHash] }
  }

  func sessionOwners(_ hashes: [[UInt8]]) throws -> [[UInt8]: TokenHolder] {
    var owners: [[UInt8]: TokenHolder] = [:]
    try database.read { session in
      _ = try session.query(
        """
        SELECT s.person_type, s.person_id, COALESCE(u.name, w.full_name, a.full_name),
          COALESCE(w.position, a.position),
          COALESCE(u.new_img_name, w.image_url, \(site.adminImageColumn)), s.token_hash,
          s.last_used_at < UTC_TIMESTAMP() - INTERVAL 300 SECOND
        FROM tbl_chat_sessions s
        LEFT JOIN tbl_user u ON s.person_type = 'user' AND u.id = s.person_id
        LEFT JOIN tbl_worker w ON s.person_type = 'worker' AND w.id = s.person_id
        LEFT JOIN tbl_admin a ON s.person_type = 'admin' AND a.id = s.person_id
          AND \(site.adminIsActive)
        WHERE s.token_hash IN (\(SQL.list(hashes))) AND s.expires_at > UTC_TIMESTAMP()
          AND s.password_digest = UNHEX(SHA2(COALESCE(u.password, w.password, a.password), 256))
        """
      ) { row in
        owners[try row.optionalBytes(5) ?? []] = TokenHolder(
          person: person(
            PersonID(try row.role(0) ?? .customer, try row.integer(1)),
            name: try row.optionalString(2), title: try row.optionalString(3),
            image: try row.optionalString(4)),
          isNoteDue: try row.integer(6) != 0)
      }
    }
    return owners
  }

  /// Moves the end of a session that is in use; at most one write in five minutes.
  public func touchSession(tokenHash: [UInt8], timeToLive: Int) throws {
    try database.transaction { session in
      try session.execute(
        """
        UPDATE tbl_chat_sessions SET last_used_at = UTC_TIMESTAMP(),
          expires_at = UTC_TIMESTAMP() + INTERVAL \(timeToLive) SECOND
        WHERE token_hash = \(tokenHash)
          AND last_used_at < UTC_TIMESTAMP() - INTERVAL 300 SECOND
        """)
    }
  }

  /// Ends a session.
  public func endSession(tokenHash: [UInt8]) throws {
    defer { sessions.forget(tokenHash) }
    try database.transaction { session in
      try session.execute("DELETE FROM tbl_chat_sessions WHERE token_hash = \(tokenHash)")
    }
  }
}
