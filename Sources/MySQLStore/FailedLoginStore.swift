extension Store {
  /// How long, in seconds, until the oldest count of failures over its limit runs out; 0 if none is.
  ///
  /// - Parameter limits: the hash of an account name or address, and how many failures it may have.
  public func loginDelay(_ limits: [(subjectHash: [UInt8], limit: Int)]) throws -> Int64 {
    try database.read { session in
      var longest: Int64 = 0
      for (subjectHash, limit) in limits {
        let delay = try session.first(
          """
          SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), f.expires_at) + 1
          FROM tbl_chat_failed_logins f
          WHERE f.subject_hash = \(subjectHash) AND f.failures >= \(limit)
            AND f.expires_at > UTC_TIMESTAMP()
          """
        ) { row in try row.integer(0) }
        longest = max(longest, delay ?? 0)
      }
      return longest
    }
  }

  /// Counts a failure for a quarter of an hour from the first one.
  public func countFailedLogin(_ subjectHashes: [[UInt8]]) throws {
    try database.transaction { session in
      for subjectHash in subjectHashes.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
        try session.execute(
          """
          INSERT INTO tbl_chat_failed_logins (subject_hash, failures, expires_at)
          VALUES (\(subjectHash), 1, UTC_TIMESTAMP() + INTERVAL 900 SECOND)
          ON DUPLICATE KEY UPDATE
            failures = IF(expires_at > UTC_TIMESTAMP(), failures + 1, 1),
            expires_at = IF(failures = 1, UTC_TIMESTAMP() + INTERVAL 900 SECOND, expires_at)
          """)
      }
      try session.execute(
        "DELETE FROM tbl_chat_failed_logins WHERE expires_at < UTC_TIMESTAMP() LIMIT 100")
    }
  }

  /// Forgets the failures of an account that has logged in.
  public func forgetFailedLogins(_ subjectHash: [UInt8]) throws {
    try database.transaction { session in
      try session.execute(
        "DELETE FROM tbl_chat_failed_logins WHERE subject_hash = \(subjectHash)")
    }
  }
}
