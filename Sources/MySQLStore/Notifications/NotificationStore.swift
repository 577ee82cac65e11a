import Chat

/// What somebody is told by the bell: one for a burst of messages in a chat.
public struct ChatNotification: Sendable {
  /// What it is about; the raw value is the column's.
  public enum Kind: String, Sendable {
    /// Messages that are not read.
    case message
    /// The chat was given to this worker.
    case assignment
    /// An admin is needed.
    case escalation
    /// The chat was closed.
    case closed
    /// The worker has not read a message for long.
    case unanswered
    /// The guest has gone, and the chat was closed.
    case guestLeft = "guest_left"
  }

  /// `notification_id`.
  public let id: Int64
  /// What it is about.
  public let kind: Kind
  /// The chat.
  public let chatID: Int64
  /// The chat's subject.
  public let subject: String?
  /// How many messages it tells of.
  public let messageCount: Int64
  /// The newest of them.
  public let text: String?
  /// Who wrote it, or for other kinds the customer or guest.
  public let person: Person?
  /// Whether the person has seen it.
  public let isRead: Bool
  /// When the first of the burst happened: `YYYY-MM-DD HH:MM:SS`, UTC.
  public let createdAt: String
  /// When the last did.
  public let updatedAt: String
}

extension Store {
  /// How many notifications the person has not read.
  public func unreadNotifications(of person: PersonID) throws -> Int64 {
    try database.read { session in
      try session.first(
        """
        SELECT COUNT(*) FROM tbl_chat_notifications n
        WHERE n.recipient_type = \(person.role.rawValue) AND n.recipient_id = \(person.number)
          AND n.unread = 1
        """
      ) { row in try row.integer(0) } ?? 0
    }
  }

  /// The person's notifications, newest first, of chats that the person may see.
  ///
  /// - Parameters:
  ///   - beforeID: only older ones than this.
  ///   - isUnread: true for unread ones only.
  public func notifications(
    of person: PersonID, beforeID: Int64?, isUnread: Bool, limit: Int
  ) throws -> [ChatNotification] {
    try database.read { session in
      var condition: SQL = """
        n.recipient_type = \(person.role.rawValue) AND n.recipient_id = \(person.number)
        AND \(Self.access(person))
        """
      if let beforeID { condition += " AND n.notification_id < \(beforeID)" }
      if isUnread { condition += " AND n.unread = 1" }
      let rows = try session.query(
        """
        SELECT n.notification_id, n.type, n.chat_id, c.subject, n.message_count, m.message,
          COALESCE(m.sender_type, IF(c.user_id IS NOT NULL, 'user', IF(c.guest_id IS NOT NULL, 'guest',
            NULL))),
          COALESCE(m.sender_id, c.user_id, c.guest_id), n.unread, n.created_at, n.updated_at
        FROM tbl_chat_notifications n JOIN tbl_chats c ON c.chat_id = n.chat_id
        LEFT JOIN tbl_chat_messages m ON m.message_id = n.message_id
        WHERE \(condition) ORDER BY n.notification_id DESC LIMIT \(limit)
        """
      ) { row in
        (
          id: try row.integer(0), kind: try row.string(1), chatID: try row.integer(2),
          subject: try row.optionalString(3), count: try row.integer(4),
          text: try row.optionalString(5), role: try row.role(6),
          number: try row.optionalInteger(7), unread: try row.optionalInteger(8),
          createdAt: try row.string(9), updatedAt: try row.string(10)
        )
      }
      return try rows.map { row in
        var person: Person?
        if let role = row.role, let number = row.number {
          person = try knownPerson(PersonID(role, number), session)
        }
        return ChatNotification(
          id: row.id, kind: ChatNotification.Kind(rawValue: row.kind) ?? .message,
          chatID: row.chatID, subject: row.subject, messageCount: row.count, text: row.text,
          person: person, isRead: row.unread == nil, createdAt: row.createdAt,
          updatedAt: row.updatedAt)
      }
    }
  }

  /// Marks the person's notifications as read: one, those of a chat, or all.
  ///
  /// - Returns: how many were unread.
  public func readNotifications(
    of person: PersonID, id: Int64? = nil, chatID: Int64? = nil
  ) throws -> Int {
    var condition: SQL = """
      n.recipient_type = \(person.role.rawValue) AND n.recipient_id = \(person.number)
      AND n.unread = 1
      """
    if let id { condition += " AND n.notification_id = \(id)" }
    if let chatID { condition += " AND n.chat_id = \(chatID)" }
    // Found without locks: those who write messages in other chats do not wait for this.
    let unread = try database.read { session in
      try session.query(
        """
        SELECT n.notification_id FROM tbl_chat_notifications n WHERE \(condition)
        ORDER BY n.notification_id
        """
      ) { row in try row.integer(0) }
    }
    var count = 0
    for part in unread.parts(of: 100) {
      count += try database.transaction { session in
        Int(
          try session.execute(
            """
            UPDATE tbl_chat_notifications SET unread = NULL
            WHERE notification_id IN (\(SQL.list(part))) AND unread = 1
            """
          ).affectedRows)
      }
    }
    return count
  }

  /// Tells people of a change of a chat.
  func notify(
    _ recipients: [PersonID], of kind: ChatNotification.Kind, in chatID: Int64,
    _ session: borrowing DatabaseSession
  ) throws {
    for recipient in recipients {
      try session.execute(
        """
        INSERT INTO tbl_chat_notifications
          (recipient_type, recipient_id, type, chat_id, created_at, updated_at)
        VALUES (\(recipient.role.rawValue), \(recipient.number), \(kind.rawValue), \(chatID),
          UTC_TIMESTAMP(), UTC_TIMESTAMP())
        ON DUPLICATE KEY UPDATE updated_at = VALUES(updated_at)
        """)
    }
  }

  /// All admins who may act.
  func activeAdmins(_ session: borrowing DatabaseSession) throws -> [PersonID] {
    try session.query("SELECT a.id FROM tbl_admin a WHERE \(site.adminIsActive)") { row in
      PersonID(.admin, try row.integer(0))
    }
  }
}
