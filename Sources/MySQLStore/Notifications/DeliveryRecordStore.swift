import Chat

/// Something that was tried so that somebody hears of a chat's messages.
public struct DeliveryRecord: Sendable {
  /// By which way.
  public enum Way: String, Sendable {
    /// The bell.
    case bell
    /// An e-mail.
    case mail
  }

  /// By which way.
  public let way: Way
  /// Whom it was for.
  public let recipient: PersonID
  /// The notification's kind, or the mail's state.
  public let state: String
  /// When it began: `YYYY-MM-DD HH:MM:SS`, UTC.
  public let createdAt: String
  /// When it was read, or when the mail was sent or given up.
  public let finishedAt: String?
  /// How often a mail was tried.
  public let attempts: Int64
  /// When it is tried next.
  public let nextAttemptAt: String?
  /// Why the last attempt failed.
  public let error: String?
}

extension Store {
  /// What was tried in a chat, newest first, and for whom; for admins.
  public func deliveryRecords(
    _ chatID: Int64, limit: Int
  ) throws -> [(record: DeliveryRecord, recipient: Person)] {
    try database.read { session in
      var records = try session.query(
        """
        SELECT n.recipient_type, n.recipient_id, n.type, n.created_at, n.read_at
        FROM tbl_chat_notifications n FORCE INDEX (notifications_of_chat)
        WHERE n.chat_id = \(chatID) ORDER BY n.notification_id DESC LIMIT \(limit)
        """
      ) { row in
        DeliveryRecord(
          way: .bell, recipient: PersonID(try row.role(0) ?? .guest, try row.integer(1)),
          state: try row.string(2), createdAt: try row.string(3),
          finishedAt: try row.optionalString(4), attempts: 0, nextAttemptAt: nil, error: nil)
      }
      records += try session.query(
        """
        SELECT e.recipient_type, e.recipient_id, e.state, e.created_at, e.finished_at, e.attempts,
          IF(e.queued = 1, e.next_attempt_at, NULL), e.last_error
        FROM tbl_chat_mails e WHERE e.chat_id = \(chatID) ORDER BY e.mail_id DESC LIMIT \(limit)
        """
      ) { row in
        DeliveryRecord(
          way: .mail, recipient: PersonID(try row.role(0) ?? .guest, try row.integer(1)),
          state: try row.string(2), createdAt: try row.string(3),
          finishedAt: try row.optionalString(4), attempts: try row.integer(5),
          nextAttemptAt: try row.optionalString(6), error: try row.optionalString(7))
      }
      records.sort { $0.createdAt > $1.createdAt }
      return try records.prefix(limit).compactMap { record in
        try knownPerson(record.recipient, session).map { (record: record, recipient: $0) }
      }
    }
  }
}
