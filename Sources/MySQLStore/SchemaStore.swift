import Chat

extension Store {
  /// The newest migration, which the program needs.
  public static let requiredMigration = "0007_notifications"

  /// The version of the schema, if it is the one the program needs or a newer one.
  public func schemaVersion() throws -> String? {
    try database.read { session in
      let isRecorded = try session.first(
        """
        SELECT TABLE_NAME FROM information_schema.TABLES
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'tbl_chat_migrations'
        """
      ) { row in try row.string(0) }
      if isRecorded == nil { return nil }
      let newest = try session.first(
        """
        SELECT MAX(name) FROM tbl_chat_migrations HAVING SUM(name = \(Self.requiredMigration)) > 0
        """
      ) { row in try row.optionalString(0) }
      return newest.flatMap { $0 }.map { String($0.prefix(4)) }
    }
  }

  /// What the running program does with each table (`sql/grants.sql`).
  private static let neededPrivileges: [(table: String, privileges: [String])] = [
    ("tbl_user", ["SELECT", "INSERT", "UPDATE"]),
    ("tbl_admin", ["SELECT", "INSERT", "UPDATE"]),
    ("tbl_worker", ["SELECT", "INSERT", "UPDATE"]),
    ("tbl_guest_sessions", ["SELECT", "INSERT", "UPDATE"]),
    ("tbl_chats", ["SELECT", "INSERT", "UPDATE"]),
    ("tbl_chat_messages", ["SELECT", "INSERT", "UPDATE"]),
    ("tbl_chat_read_marks", ["SELECT", "INSERT", "UPDATE"]),
    ("tbl_chat_sessions", ["SELECT", "INSERT", "UPDATE", "DELETE"]),
    ("tbl_chat_failed_logins", ["SELECT", "INSERT", "UPDATE", "DELETE"]),
    ("tbl_chat_events", ["SELECT", "INSERT", "DELETE"]),
    ("tbl_chat_presence", ["SELECT", "INSERT", "UPDATE"]),
    ("tbl_chat_leases", ["SELECT", "UPDATE"]),
    ("tbl_chat_notifications", ["SELECT", "INSERT", "UPDATE", "DELETE"]),
    ("tbl_chat_told", ["SELECT", "INSERT", "UPDATE"]),
    ("tbl_chat_preferences", ["SELECT", "INSERT", "UPDATE"]),
    ("tbl_chat_mails", ["SELECT", "INSERT", "UPDATE", "DELETE"]),
    ("tbl_chat_migrations", ["SELECT"]),
  ]

  /// The privileges that the account lacks, such as `UPDATE on tbl_chats`.
  public func missingPrivileges() throws -> [String] {
    try database.read { session in
      let everywhere = try schemaWidePrivileges(session)
      let tables = Set(
        try session.query(
          """
          SELECT CONCAT(TABLE_NAME, ' ', PRIVILEGE_TYPE) FROM information_schema.TABLE_PRIVILEGES
          WHERE TABLE_SCHEMA = DATABASE()
            AND REPLACE(GRANTEE, '''', '') = CURRENT_USER()
          """
        ) { row in try row.string(0) })
      return Self.neededPrivileges.flatMap { table, privileges in
        privileges.filter { !everywhere.contains($0) && !tables.contains("\(table) \($0)") }
          .map { "\($0) on \(table)" }
      }
    }
  }

  /// Whether the account has a privilege on the whole database.
  public func hasPrivilege(_ privilege: String) throws -> Bool {
    try database.read { session in try schemaWidePrivileges(session).contains(privilege) }
  }

  private func schemaWidePrivileges(_ session: borrowing DatabaseSession) throws -> Set<String> {
    Set(
      try session.query(
        """
        SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES
        WHERE REPLACE(GRANTEE, '''', '') = CURRENT_USER()
        UNION
        SELECT PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES
        WHERE DATABASE() LIKE TABLE_SCHEMA AND REPLACE(GRANTEE, '''', '') = CURRENT_USER()
        """
      ) { row in try row.string(0) })
  }

  /// The triggers of the schema that are not there, or not for this account's eyes.
  public func missingTriggers() throws -> [String] {
    let expected = [
      "chat_message_locks_chat", "chat_message_event", "chat_started_event", "chat_changed_event",
      "chat_read_mark_made_event", "chat_read_mark_moved_event",
      "chat_presence_made_event", "chat_presence_changed_event",
      "chat_read_mark_made_settles", "chat_read_mark_moved_settles",
      "chat_notification_made", "chat_notification_read", "chat_notification_made_event",
      "chat_notification_read_event",
    ]
    let found = try database.read { session in
      try session.query(
        "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
      ) { row in try row.string(0) }
    }
    return expected.filter { !found.contains($0) }
  }

  /// Whether a commit is on the disk before it is acknowledged.
  public func isDurable() throws -> Bool {
    try database.read { session in
      try session.first("SELECT @@GLOBAL.innodb_flush_log_at_trx_commit") { row in
        try row.integer(0)
      } == 1
    }
  }
}
