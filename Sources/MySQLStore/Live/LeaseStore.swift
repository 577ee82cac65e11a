extension Store {
  /// Takes or renews the right to do a piece of upkeep, which one process at a time has.
  ///
  /// It is a row with an end in time, not a lock: whoever dies simply does not renew it.
  ///
  /// - Parameter name: a row of `tbl_chat_leases`.
  /// - Returns: whether this process has it for the seconds to come.
  public func takeLease(_ name: String, seconds: Int) throws -> Bool {
    try database.transaction { session in
      try session.execute(
        """
        UPDATE tbl_chat_leases SET owner = \(owner),
          expires_at = UTC_TIMESTAMP() + INTERVAL \(seconds) SECOND
        WHERE name = \(name) AND (owner <=> \(owner) OR expires_at < UTC_TIMESTAMP())
        """
      ).affectedRows == 1
    }
  }

  /// Gives a lease back, so that another process need not wait for its end.
  public func releaseLease(_ name: String) throws {
    try database.transaction { session in
      try session.execute(
        """
        UPDATE tbl_chat_leases SET owner = NULL, expires_at = '2000-01-01'
        WHERE name = \(name) AND owner = \(owner)
        """)
    }
  }
}
